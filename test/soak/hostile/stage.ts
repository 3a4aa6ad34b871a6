import { MessagePackCodec } from "@procwire/codec-msgpack";
import {
  createChannel,
  createMemoryByteLinks,
  createStdioChannel,
  LengthPrefixedFraming,
  type Channel,
  type ByteLink,
} from "@procwire/transport";
import { typescript } from "../../support/paths.js";
import { program } from "../lib/program.js";
import type { Book } from "./book.js";
import { serveCalm, type Print } from "./calm.js";
import type { Act, CodecName, HostileOptions, Point } from "./contract.js";

/** How a worker is ended; `close()` takes no longer than this and half a second. */
const SHUTDOWN = { graceMs: 1_000, termMs: 1_000 };
export const CLOSE_MS = { memory: 0, parent: 2_500, worker: 2_500 };

/** The options of the calm side, by which the hostile one begins. */
export function calmOptions(codec: CodecName): HostileOptions {
  const calm = { onError: () => undefined, onNoise: () => undefined };
  return codec === "json" ? calm : { ...calm, codec: new MessagePackCodec(), framing: new LengthPrefixedFraming() };
}

/** The options with what the point puts in their place. Not spread: that would look up what is to be looked up later. */
export function hostileOptions(point: Point, act: Act, given: HostileOptions): HostileOptions {
  const hostile = point.options?.(act, given);
  if (hostile === undefined || hostile === given) return given;
  return Object.defineProperties(given, Object.getOwnPropertyDescriptors(hostile));
}

export interface Stage {
  readonly hostile: Channel;
  /** Where it is in this process. */
  readonly calm: Channel | undefined;
}

/** Two channels in this process. Throws what `createChannel` throws. */
export function openInMemory(point: Point, codec: CodecName, act: Act, book: Book): Stage {
  const [near, far] = createMemoryByteLinks();
  const calm = createChannel({ ...calmOptions(codec), link: far, answersUnreadable: true });
  serveCalm(calm, book, printer(far, codec));
  try {
    const given = { ...calmOptions(codec), link: near };
    return { hostile: createChannel(hostileOptions(point, act, given)), calm };
  } catch (error) {
    void calm.close();
    throw error;
  }
}

/** Something that is no message: a line, or a frame with a byte that MessagePack does not have. */
function printer(link: ByteLink, codec: CodecName): Print {
  return (line) => {
    if (codec === "json") link.text(`${line}\n`);
    else link.bytes(Uint8Array.of(0, 0, 0, 1, 0xc1));
  };
}

/** A worker with a calm user, and its parent with a hostile one. */
export async function openParent(point: Point, codec: CodecName, act: Act): Promise<Stage> {
  const args = typescript(program("hostile-worker.ts"), codec);
  const given: HostileOptions = { ...calmOptions(codec), args, stderr: "ignore", shutdown: { ...SHUTDOWN } };
  return { hostile: await createStdioChannel(process.execPath, hostileOptions(point, act, given)), calm: undefined };
}

/** A worker with a hostile user, and its calm parent, which reads the worker's verdict on stderr. */
export function openWorker(codec: CodecName, trial: string, onLine: (line: string) => void): Promise<Channel> {
  const args = typescript(program("hostile-worker.ts"), codec, trial);
  return createStdioChannel(process.execPath, { ...calmOptions(codec), args, stderr: onLine, shutdown: SHUTDOWN });
}
