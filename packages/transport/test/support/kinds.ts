import { onTestFinished } from "vitest";
import { createChannel, createMemoryByteLinks, type Channel, type ChannelOptions } from "../../src/index.js";
import { resolveStack } from "../../src/node/assemble.js";
import { poolLinks, poolSupervision } from "../../src/node/pooling.js";
import { resolveSupervision, superviseLinks } from "../../src/node/supervision.js";
import { resolvePool } from "../../src/supervise/pool/options.js";
import { CheckedLink } from "./checked-link.js";

export interface Opened {
  readonly channel: Channel;
  /** The other side: of a pool all of its workers do the same. */
  readonly workers: readonly Channel[];
}

/** What a worker does when it has come. */
type Serve = (worker: Channel) => void;

type Open = (serve: Serve, options: ChannelOptions) => Promise<Opened>;

/** Links to workers that are channels of this process. */
function workersThat(serve: Serve, options: ChannelOptions) {
  const workers: Channel[] = [];
  const open = () => {
    const [here, there] = createMemoryByteLinks();
    const worker = createChannel({ link: there, answersUnreadable: true });
    serve(worker);
    workers.push(worker);
    return { link: new CheckedLink(here, options), pid: workers.length };
  };
  return { workers, open };
}

const dead = { kill: () => undefined, vitals: () => undefined };

/** The ways to have a channel: all of them do the same. */
export const kinds: readonly { readonly name: string; readonly open: Open }[] = [
  {
    name: "a channel over one link",
    open: (serve, options) => {
      const { workers, open } = workersThat(serve, options);
      return Promise.resolve({ channel: createChannel({ ...options, link: open().link }), workers });
    },
  },
  {
    name: "a supervised channel",
    open: async (serve, options) => {
      const { workers, open } = workersThat(serve, options);
      const supervision = resolveSupervision({ restart: true, heartbeat: true })!;
      const opener = () => Promise.resolve({ ...open(), ...dead });
      return { channel: await superviseLinks(resolveStack(options), supervision, undefined, opener), workers };
    },
  },
  ...[1, 3].map((size) => ({
    name: size === 1 ? "a pool of one worker" : `a pool of ${size} workers`,
    open: (async (serve, options) => {
      const { workers, open } = workersThat(serve, options);
      const policy = resolvePool("openPool", { size }, 1);
      const opener = () => Promise.resolve({ ...open(), ...dead });
      const supervision = poolSupervision({ heartbeat: true }, policy);
      return { channel: await poolLinks(resolveStack(options), supervision, policy, undefined, opener), workers };
    }) satisfies Open,
  })),
];

/** One of them; closed when the test is over. */
export async function openKind(open: Open, serve: Serve = () => undefined, options: ChannelOptions = {}) {
  const opened = await open(serve, options);
  onTestFinished(async () => {
    await Promise.all([opened.channel.close(), ...opened.workers.map((worker) => worker.close())]);
  });
  return opened;
}
