/** With this much waiting to be read, in bytes, what comes is dropped: memory is not the place for a log. */
const MAX_WAITING_BYTES = 1024 * 1024;

let droppedBytes = 0;

/** Writes to the stderr of this process, if anybody reads that: a log line is no reason to fail, or to fill the memory. */
export function writeToStderr(text: string | Uint8Array): void {
  if (process.stderr.writableLength > MAX_WAITING_BYTES) {
    droppedBytes += text.length;
    return;
  }
  if (droppedBytes > 0) {
    process.stderr.write(`procwire: ${droppedBytes} bytes of log were dropped here: nobody read them.\n`, onWritten);
    droppedBytes = 0;
  }
  process.stderr.write(text, onWritten);
}

/**
 * The stream emits the error in a moment, and unheard it would end the process: `parent 2>&1 | head` must not. Errors of
 * what others write stay theirs.
 */
function onWritten(error?: Error | null): void {
  const { stderr } = process;
  if (!error || stderr.listeners("error").includes(ignore)) return;
  stderr.on("error", ignore);
  setImmediate(() => stderr.off("error", ignore));
}

function ignore(): void {
  // Nobody is left to be told.
}
