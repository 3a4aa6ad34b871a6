import { isDeepStrictEqual } from "node:util";
import { MessagePackCodec } from "@procwire/codec-msgpack";
import {
  ChannelError,
  createStdioChannel,
  LengthPrefixedFraming,
  RpcError,
  type Channel,
  type StdioChannelOptions,
} from "@procwire/transport";
import { fixture, rustWorker, typescript } from "../support/paths.js";
import { samples } from "./values.js";

/** What became of a value on its way there and back. */
export type Outcome =
  | { readonly kind: "equal" }
  /** Refused by the side that sent it, or answered with an error. */
  | { readonly kind: "error"; readonly code: string }
  | { readonly kind: "altered"; readonly to: unknown };

/** One codec, and one language on the other side. */
export interface Way {
  readonly codec: "JSON" | "MessagePack";
  readonly worker: "Node" | "Rust";
}

export const ways: readonly Way[] = (["JSON", "MessagePack"] as const).flatMap((codec) =>
  (["Node", "Rust"] as const).map((worker) => ({ codec, worker })),
);

/** What becomes of each sample, in order. */
export async function sendAll(way: Way): Promise<Outcome[]> {
  const channel = await start(way);
  const outcomes: Outcome[] = [];
  for (const { value } of samples) outcomes.push(await send(channel, value));
  await channel.close();
  return outcomes;
}

function start({ codec, worker }: Way): Promise<Channel> {
  const isBinary = codec === "MessagePack";
  const options: StdioChannelOptions = {
    timeout: 20_000,
    ...(isBinary ? { codec: new MessagePackCodec(), framing: new LengthPrefixedFraming() } : {}),
  };
  if (worker === "Node") {
    const args = typescript(fixture("echo-worker.ts"), ...(isBinary ? ["msgpack"] : []));
    return createStdioChannel(process.execPath, { ...options, args });
  }
  const args = ["--quiet", ...(isBinary ? ["--framing", "length", "--codec", "msgpack"] : [])];
  return createStdioChannel(rustWorker, { ...options, args });
}

async function send(channel: Channel, value: unknown): Promise<Outcome> {
  try {
    const back: unknown = await channel.request("echo", { message: value });
    return isDeepStrictEqual(back, value) ? { kind: "equal" } : { kind: "altered", to: back };
  } catch (error) {
    if (error instanceof RpcError) return { kind: "error", code: String(error.code) };
    if (error instanceof ChannelError) return { kind: "error", code: error.code };
    throw error;
  }
}
