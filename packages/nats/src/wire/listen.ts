import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";

export type Hear = (message: Msg) => void;

/** Subscribes to each subject; what NATS has to say about a subscription is reported. */
export function listen(
  connection: NatsConnection,
  onError: (error: unknown) => void,
  ears: Readonly<Record<string, Hear>>,
  queue?: string,
): Subscription[] {
  return Object.entries(ears).map(([subject, hear]) => {
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) hear(message);
      else onError(error);
    };
    return connection.subscribe(subject, queue === undefined ? { callback } : { callback, queue });
  });
}

/** Which transfer is given credit, and for how many parts. */
export function creditIn(message: Msg): [name: string, count: number] {
  const [name = "", count = ""] = message.string().split(" ");
  return [name, Number(count)];
}
