import { onTestFinished } from "vitest";
import type { Dialect } from "../../src/index.js";
import { openWithPeer, type Opened, type RawPeer } from "../support/channels.js";

type Options = Parameters<typeof openWithPeer>[0];

/** A channel in a dialect, and its other side by hand, which reads lines. */
export function open(dialect: Dialect, options: Options = {}): Opened {
  const opened = openWithPeer({ dialect, framing: "line-delimited", ...options });
  // Before the channel is closed: nobody is there to answer its goodbye.
  onTestFinished(() => void opened.peer.toChannel.end());
  return opened;
}

/** The same after the handshake. */
export async function openGreeted(dialect: Dialect, options: Options = {}): Promise<Opened> {
  const opened = open(dialect, options);
  await greet(opened, dialect);
  return opened;
}

/** A message that the channel has sent: a request, as most tests expect it. */
export interface Sent {
  readonly id: number;
  /** `undefined` for an answer. */
  readonly method: string | undefined;
  readonly params: Readonly<Record<string, unknown>> & {
    readonly _meta?: Readonly<Record<string, unknown>>;
    readonly value?: unknown;
  };
}

export async function next(peer: RawPeer): Promise<Sent> {
  return (await peer.next()) as Sent;
}

export async function greet({ channel, peer }: Opened, { hello }: Dialect): Promise<void> {
  if (hello === undefined) return;
  const answer = channel.request(hello.request, { as: "the user likes" });
  const { id } = await next(peer);
  peer.send({ id, result: {} });
  await answer;
  if (hello.done === undefined) return;
  void channel.notify(hello.done, {});
  await peer.next();
}

/** The turn ends, and with it what was said in it leaves. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
