import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the formats that were added to a Linux system, for emulators and interpreters. */
const FOLDER = "/proc/sys/fs/binfmt_misc";
/** What the folder always has. */
const NO_FORMATS = new Set(["register", "status"]);

/** Whether a format that was added to this system takes the file: an emulator for other processors, for example. */
export function isForAddedFormat(path: string, head: Buffer): boolean {
  try {
    if (readFileSync(join(FOLDER, "status"), "utf8").trim() !== "enabled") return false;
    return readdirSync(FOLDER)
      .filter((name) => !NO_FORMATS.has(name))
      .some((name) => takes(readFileSync(join(FOLDER, name), "utf8"), path, head));
  } catch {
    // Other systems have no such folder, and many of this kind don't show it.
    return false;
  }
}

/** @param format its description as the kernel writes it */
export function takes(format: string, path: string, head: Buffer): boolean {
  const lines = format.split("\n");
  if (lines[0] !== "enabled") return false;
  const value = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const extension = value("extension");
  if (extension !== undefined) return path.endsWith(extension);
  const magic = Buffer.from(value("magic") ?? "", "hex");
  const mask = value("mask");
  const bits = mask === undefined ? undefined : Buffer.from(mask, "hex");
  const part = head.subarray(Number(value("offset") ?? 0)).subarray(0, magic.length);
  if (magic.length === 0 || part.length < magic.length) return false;
  return magic.every((byte, at) => (byte & (bits?.[at] ?? 0xff)) === ((part[at] ?? 0) & (bits?.[at] ?? 0xff)));
}
