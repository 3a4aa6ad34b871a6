import { fileURLToPath } from "node:url";

/** A program of this package: they stand beside `src` in a clone, and beside `dist` where it is installed. */
export function programFile(name: "worker.mjs" | "doomed-parent.mjs"): string {
  return fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
}
