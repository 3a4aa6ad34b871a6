import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

/** Both ends of a pipe. */
const PER_PIPE = 2;
/** What the system's own way to start a program takes for a moment. */
const BESIDE_PIPES = 4;

/**
 * Throws the system's error (`EMFILE`, `ENFILE`) unless so many pipes can be had. Node starts a child in several steps;
 * when the descriptors run out between them, it throws an error of another kind, emits one where nobody can listen, and
 * keeps the pipes that it has.
 */
export function assertFreeDescriptors(pipes: number): void {
  // Windows counts no descriptors.
  if (process.platform === "win32") return;
  const open: number[] = [];
  try {
    while (open.length < pipes * PER_PIPE + BESIDE_PIPES) open.push(openSync(devNull, "r"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A system without the file to try it with is no reason not to start anything.
    if (code === "EMFILE" || code === "ENFILE") throw error;
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
}
