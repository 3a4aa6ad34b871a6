import { ChannelError } from "../errors.js";
import type { LinkChannel } from "../channel/link-channel.js";

/** Ends a worker whose work goes on that nobody waits for any more. */
export function killStuck(channel: LinkChannel, kill: () => void, method: string, afterMs: number): void {
  kill();
  const text = `The work of ${method} had not stopped ${afterMs} ms after it was cancelled (option killAfterCancelMs)`;
  const details = { exitCode: null, signal: "SIGKILL" };
  channel.end(new ChannelError("WORKER_EXITED", `${text}, so the worker was killed.`, details));
}
