import type { NatsConnection } from "@nats-io/transport-node";
import { ChannelError } from "@procwire/transport";
import type { ResultOptions } from "./jobs.js";
import { readOutcome, type OutcomeRecord } from "./records.js";

/** A message can be missed while the connection is restored: so often it is looked up. */
const LOOK_EVERY_MS = 2_000;

export interface Place {
  readonly connection: NatsConnection;
  readonly subject: string;
  /** What is kept there now. */
  readonly look: () => Promise<OutcomeRecord | undefined>;
}

/** Waits until a job has its outcome: one that is kept already, or the message by which it is kept. */
export async function waitForOutcome(
  { connection, subject, look }: Place,
  { timeout, signal }: ResultOptions,
  id: string,
): Promise<OutcomeRecord> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      subscription.unsubscribe();
      clearTimeout(timer);
      clearInterval(looking);
      signal?.removeEventListener("abort", onAbort);
      action();
    };
    const onAbort = (): void => {
      settle(() => {
        reject(signal?.reason as Error);
      });
    };
    const found = (outcome: OutcomeRecord | undefined): void => {
      if (outcome === undefined) return;
      settle(() => {
        resolve(outcome);
      });
    };
    // What can't be looked up now is looked up later.
    const lookNow = (): void => void look().then(found, () => undefined);
    const subscription = connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) found(readOutcome(message.string()));
      },
    });
    const timer =
      timeout === undefined || timeout === Infinity
        ? undefined
        : setTimeout(() => {
            settle(() => {
              const text = `The job ${id} has no outcome after ${timeout} ms. It goes on; ask for its result again.`;
              reject(new ChannelError("TIMEOUT", text, { delivery: "unknown" }));
            });
          }, timeout);
    const looking = setInterval(lookNow, LOOK_EVERY_MS);
    signal?.addEventListener("abort", onAbort);
    // After the subscription: what is kept in between is heard.
    connection.flush().then(lookNow, () => undefined);
  });
}
