import { accessSync, closeSync, constants, openSync, readdirSync, readSync } from "node:fs";

/** Enough to tell a format, and a processor. */
const HEAD_BYTES = 20;
/** Where an ELF program says for which processor it is. */
const ELF_MACHINE_AT = 18;
const ELF_MACHINES: Readonly<Record<string, readonly number[]>> = {
  // Processors that run programs of an older one as well have both.
  x64: [62, 3],
  ia32: [3],
  arm64: [183, 40],
  arm: [40],
  riscv64: [243],
  ppc64: [21],
  s390x: [22],
  loong64: [258],
};
const ELF = "7f454c46";
const MACH_O = new Set(["cffaedfe", "cefaedfe", "cafebabe", "cafebabf"]);
/** What the folder of the formats that were added to a Linux system always has. */
const NO_FORMATS = new Set(["register", "status"]);

/**
 * Why the system can't execute the file; `undefined` when it can, or when starting it will say more. It has to be known
 * before: what the system can't execute the C library hands to a shell, which takes whatever is in it for commands.
 */
export function wrongFormat(path: string): string | undefined {
  if (process.platform !== "linux" && process.platform !== "darwin") return undefined;
  const head = readHead(path);
  if (head === undefined || head.toString("latin1", 0, 2) === "#!") return undefined;
  const magic = head.toString("hex", 0, 4);
  if (process.platform === "darwin") return MACH_O.has(magic) ? undefined : NO_PROGRAM;
  if (magic === ELF && isForThisProcessor(head)) return undefined;
  if (hasAddedFormats()) return undefined;
  return magic === ELF ? `it is not a program for this processor, ${process.arch} (ENOEXEC).` : NO_PROGRAM;
}

const NO_PROGRAM =
  "it is not a program for this system (ENOEXEC). Was it built for another platform, or is it a script without #!?";

/** Nothing for a file that can't be read or executed. */
function readHead(path: string): Buffer | undefined {
  try {
    accessSync(path, constants.X_OK);
    const head = Buffer.alloc(HEAD_BYTES);
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return head.subarray(0, readSync(file, head));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function isForThisProcessor(head: Buffer): boolean {
  const machines = ELF_MACHINES[process.arch];
  if (machines === undefined || head.length < HEAD_BYTES) return machines === undefined;
  const isLittleEndian = head[5] === 1;
  return machines.includes(isLittleEndian ? head.readUInt16LE(ELF_MACHINE_AT) : head.readUInt16BE(ELF_MACHINE_AT));
}

/** An emulator for programs of other processors, for example. */
function hasAddedFormats(): boolean {
  try {
    return readdirSync("/proc/sys/fs/binfmt_misc").some((name) => !NO_FORMATS.has(name));
  } catch {
    return false;
  }
}
