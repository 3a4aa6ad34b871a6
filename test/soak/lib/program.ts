import { fileURLToPath } from "node:url";

/** A program that soaks start. */
export function program(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
}
