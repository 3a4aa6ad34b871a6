import { rustWorker } from "../programs.js";
import type { Rival } from "./contract.js";

/** It kills its worker after 10 MiB of output in total; an answer to `add` has at most 50 bytes. */
const CALLS_PER_SESSION = 150_000;

export const published: Rival = {
  id: "published",
  name: "the design's library 0.3.0",
  what: "@procwire/transport 0.3.0 from the registry, and our rust-worker --quiet; a new worker for each round",
  can: ["add", "sum", "notify", "start"],
  callsPerSession: CALLS_PER_SESSION,
  start: async (placement) => {
    const { createStdioChannel } = await import("procwire-transport-published");
    const { file, args } = placement.command(rustWorker, "--quiet");
    const channel = await createStdioChannel(file, { args: [...args] });
    return {
      add: (a, b) => channel.request("add", { a, b }) as Promise<number>,
      sum: (numbers) => channel.request("sum_array", { numbers }) as Promise<number>,
      notify: (number) => channel.notify("note", { number }),
      close: () => channel.close(),
    };
  },
};
