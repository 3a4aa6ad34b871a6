// Writes lines to its stdout: flood.mjs BYTES MEGABYTES_PER_SECOND.

import { writeSync } from "node:fs";

const [bytes = 0, megabytesPerSecond = Infinity] = process.argv.slice(2).map(Number);
const block = Buffer.from(`${"e".repeat(999)}\n`.repeat(100));
const started = performance.now();

for (let written = 0; written < bytes;) {
  const early = written / (megabytesPerSecond * 1_000) - (performance.now() - started);
  if (early > 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, early);
  written += write(block.subarray(0, Math.min(block.length, bytes - written)));
}

/** @param {Buffer} part */
function write(part) {
  try {
    return writeSync(1, part);
  } catch (error) {
    // The pipe is shared with a worker, and may be one that does not wait.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EAGAIN") throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return 0;
  }
}
