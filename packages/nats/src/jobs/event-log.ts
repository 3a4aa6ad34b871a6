import {
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type ConsumerMessages,
  type OrderedConsumerOptions,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ChannelError } from "@procwire/transport";
import { reasonOf } from "@procwire/transport/extend";
import { tokenOf } from "../wire/subjects.js";

/** An event that was kept. */
export interface KeptEvent {
  /** Counts up, over all methods of the service. */
  readonly sequence: number;
  /** When it was published. */
  readonly at: Date;
  readonly method: string;
  readonly params: object | undefined;
}

/** Where a subscription begins: with what is kept, with what is published from now on, at a sequence, or at a time. */
export type From = "first" | "new" | { readonly sequence: number } | { readonly time: Date };

export interface SubscribeOptions {
  /** Default `"new"`. */
  readonly from?: From | undefined;
  /** Only events of this method. */
  readonly method?: string | undefined;
}

export interface EventsPolicy {
  readonly keepMs: number;
  readonly maxEvents: number;
  readonly replicas: number;
}

const NANOSECONDS = 1_000_000;

/** Events of a service, kept for those who come later. See `openEvents`. */
export class EventLog {
  readonly #connection: NatsConnection;
  readonly #root: string;
  readonly #stream: string;
  readonly #release: () => Promise<void>;
  readonly #open = new Set<ConsumerMessages>();

  constructor(connection: NatsConnection, prefix: string, service: string, release: () => Promise<void>) {
    this.#connection = connection;
    this.#root = `${prefix}.${service}.$log`;
    this.#stream = `${prefix}_${service}_events`.replaceAll(".", "_");
    this.#release = release;
  }

  /** Called by `openEvents`: makes the stream where there is none. */
  async ensure({ keepMs, maxEvents, replicas }: EventsPolicy): Promise<void> {
    const manager = await jetstreamManager(this.#connection);
    try {
      await manager.streams.info(this.#stream);
    } catch {
      await manager.streams.add({
        name: this.#stream,
        subjects: [`${this.#root}.*`],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        num_replicas: replicas,
        max_age: keepMs * NANOSECONDS,
        max_msgs: maxEvents,
      });
    }
  }

  /** Resolves with the event's sequence when it is kept. With an `id` it is kept once, however often it is published. */
  async publish(method: string, params?: object, options: { readonly id?: string | undefined } = {}): Promise<number> {
    const body = JSON.stringify(params === undefined ? { method } : { method, params });
    const subject = `${this.#root}.${tokenOf(method)}`;
    try {
      const { id } = options;
      const { seq } = await jetstream(this.#connection).publish(subject, body, id === undefined ? {} : { msgID: id });
      return seq;
    } catch (error) {
      const text = `${method}: the event was not confirmed: ${reasonOf(error)}.`;
      throw new ChannelError("CONNECT_FAILED", text, { method, cause: error, delivery: "unknown" });
    }
  }

  /** The events in order, those that are kept first; leaving the loop ends the subscription. */
  async *subscribe(options: SubscribeOptions = {}): AsyncGenerator<KeptEvent, void, undefined> {
    const client = jetstream(this.#connection);
    const consumer = await client.consumers.get(this.#stream, this.#startOf(options));
    const messages = await consumer.consume();
    this.#open.add(messages);
    try {
      for await (const message of messages) {
        const { method, params } = message.json<{ method?: unknown; params?: object }>();
        if (typeof method !== "string") continue;
        yield { sequence: message.seq, at: new Date(message.timestamp), method, params };
      }
    } finally {
      this.#open.delete(messages);
      await messages.close();
    }
  }

  /** Ends all subscriptions. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((messages) => messages.close()));
    await this.#release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #startOf({ from = "new", method }: SubscribeOptions): Partial<OrderedConsumerOptions> {
    const filter = { filter_subjects: `${this.#root}.${method === undefined ? "*" : tokenOf(method)}` };
    if (from === "new") return { ...filter, deliver_policy: DeliverPolicy.New };
    if (from === "first") return { ...filter, deliver_policy: DeliverPolicy.All };
    if ("sequence" in from)
      return { ...filter, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.sequence };
    return { ...filter, deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.time.toISOString() };
  }
}
