// A worker by serveStdio, with what soaks ask for.

import { ChannelError, serveStdio } from "@procwire/transport";

interface Flood {
  readonly count: number;
  readonly bytes: number;
}

const channel = serveStdio({
  echo: ({ value }: { readonly value: unknown }) => value,
  busy: () => {
    for (;;);
  },
  wait: () => new Promise(() => undefined),
  // As much as it takes: nobody reads it.
  flood: async ({ count, bytes }: Flood) => {
    const value = "f".repeat(bytes);
    for (let sent = 0; sent < count; sent++) await notify(value);
    return count;
  },
  items: async function* ({ count, bytes }: Flood) {
    const value = "i".repeat(bytes);
    for (let made = 0; made < count; made++) yield Promise.resolve(value);
  },
});

/** A notification is refused while more answers wait than the limit allows. */
async function notify(value: string): Promise<void> {
  for (;;) {
    try {
      await channel.notify("flooded", { value });
      return;
    } catch (error) {
      if (!(error instanceof ChannelError) || error.code !== "OVERLOADED") throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
