import { fstatSync, readSync } from "node:fs";
import { endianness } from "node:os";

/** A kind of program: what the head says of the processor, and whether its addresses have 64 bits. */
type Machine = readonly [id: number, is64: boolean];

const MACHINES: Readonly<Record<string, readonly Machine[]>> = {
  // Processors that run programs of an older one as well have both.
  x64: [
    [62, true],
    [3, false],
  ],
  ia32: [[3, false]],
  arm64: [
    [183, true],
    [40, false],
  ],
  arm: [[40, false]],
  riscv64: [[243, true]],
  ppc64: [[21, true]],
  s390x: [[22, true]],
  loong64: [[258, true]],
};

/** Where things are, for programs of 32 and of 64 bits. */
interface Layout {
  readonly headBytes: number;
  readonly tableAt: number;
  readonly entryBytesAt: number;
  readonly entriesAt: number;
  readonly entryBytes: number;
  /** In an entry of the table. */
  readonly offsetAt: number;
  readonly sizeAt: number;
}

const LAYOUT_32: Layout = {
  headBytes: 52,
  tableAt: 28,
  entryBytesAt: 42,
  entriesAt: 44,
  entryBytes: 32,
  offsetAt: 4,
  sizeAt: 16,
};
const LAYOUT_64: Layout = {
  headBytes: 64,
  tableAt: 32,
  entryBytesAt: 54,
  entriesAt: 56,
  entryBytes: 56,
  offsetAt: 8,
  sizeAt: 32,
};

const CLASS_AT = 4;
const ORDER_AT = 5;
const TYPE_AT = 16;
const MACHINE_AT = 18;
/** A program at a fixed place, and one that runs anywhere. Libraries are of the second type, too. */
const TYPES = [2, 3];
const INTERPRETER_ENTRY = 3;
const MAX_TABLE_BYTES = 65_536;
const MAX_INTERPRETER_BYTES = 4_096;

const DAMAGED = "it begins like a program, but is damaged or cut off (ENOEXEC). Build or download it again.";

/** What of an ELF file the kernel refuses before it runs any of it, in words; `undefined` when it runs. */
export function elfFault(file: number): string | undefined {
  const isLittle = endianness() === "LE";
  const head = readAt(file, 0, LAYOUT_64.headBytes);
  const is64 = head[CLASS_AT] === 2;
  const layout = is64 ? LAYOUT_64 : LAYOUT_32;
  if (head.length < layout.headBytes) return DAMAGED;
  if (head[ORDER_AT] !== (isLittle ? 1 : 2) || !isForThisProcessor(short(head, MACHINE_AT), is64)) {
    return `it is not a program for this processor, ${process.arch} (ENOEXEC).`;
  }
  if (!TYPES.includes(short(head, TYPE_AT))) return "it is a part of a program, not a whole one (ENOEXEC).";
  const tableBytes = short(head, layout.entriesAt) * layout.entryBytes;
  if (short(head, layout.entryBytesAt) !== layout.entryBytes || tableBytes === 0 || tableBytes > MAX_TABLE_BYTES) {
    return DAMAGED;
  }
  const table = readAt(file, word(head, layout.tableAt, is64), tableBytes);
  return table.length === tableBytes && hasUsableInterpreter(file, table, layout, is64) ? undefined : DAMAGED;
}

function isForThisProcessor(id: number, is64: boolean): boolean {
  const machines = MACHINES[process.arch];
  return machines === undefined || machines.some((machine) => machine[0] === id && machine[1] === is64);
}

/** Dynamic programs name the one that loads them; without a readable name the kernel gives up. */
function hasUsableInterpreter(file: number, table: Buffer, layout: Layout, is64: boolean): boolean {
  for (let at = 0; at < table.length; at += layout.entryBytes) {
    const type = endianness() === "LE" ? table.readUInt32LE(at) : table.readUInt32BE(at);
    if (type !== INTERPRETER_ENTRY) continue;
    const size = word(table, at + layout.sizeAt, is64);
    if (size < 2 || size > MAX_INTERPRETER_BYTES) return false;
    const name = readAt(file, word(table, at + layout.offsetAt, is64), size);
    return name.length === size && name[size - 1] === 0;
  }
  return true;
}

/** What there is of so many bytes. */
function readAt(file: number, position: number, length: number): Buffer {
  const end = fstatSync(file).size;
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, end - position)));
  return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, position));
}

function short(bytes: Buffer, at: number): number {
  return endianness() === "LE" ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

/** An offset or a size. One beyond what a number holds is beyond any file as well. */
function word(bytes: Buffer, at: number, is64: boolean): number {
  const isLittle = endianness() === "LE";
  if (is64) return Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  return isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}
