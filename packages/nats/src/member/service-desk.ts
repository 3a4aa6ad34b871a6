import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { Statistics } from "./bridge.js";

export interface ServiceInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly queueGroup: string;
  readonly methods: readonly string[];
  readonly subjectOf: (method: string) => string;
  readonly statistics: ReadonlyMap<string, Statistics>;
}

const NANOSECONDS = 1_000_000;

/**
 * Answers NATS's services API: `$SRV.PING`, `.INFO` and `.STATS`, of all services, of one name, of one id. By hand, because
 * the official package answers requests as well, and ours are answered by a channel.
 */
export class ServiceDesk {
  readonly #connection: NatsConnection;
  readonly #info: () => ServiceInfo;
  readonly #started: string = new Date().toISOString();
  readonly #subscriptions: Subscription[] = [];

  constructor(connection: NatsConnection, info: () => ServiceInfo) {
    this.#connection = connection;
    this.#info = info;
  }

  open(): void {
    const { name, id } = this.#info();
    const verbs = { PING: () => ({}), INFO: () => this.#endpoints(), STATS: () => this.#statistics() };
    for (const [verb, describe] of Object.entries(verbs)) {
      const type = `io.nats.micro.v1.${verb.toLowerCase()}_response`;
      for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`]) {
        const callback = (error: Error | null, message: Msg): void => {
          if (error === null) message.respond(JSON.stringify({ type, ...this.#identity(), ...describe() }));
        };
        this.#subscriptions.push(this.#connection.subscribe(subject, { callback }));
      }
    }
  }

  close(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
  }

  #identity(): object {
    const { id, name, version, metadata } = this.#info();
    return { id, name, version, metadata };
  }

  #endpoints(): object {
    const { description, methods, subjectOf, queueGroup } = this.#info();
    const endpoints = methods.map((name) => ({ name, subject: subjectOf(name), queue_group: queueGroup }));
    return { description, endpoints };
  }

  #statistics(): object {
    const { methods, subjectOf, queueGroup, statistics } = this.#info();
    const endpoints = [...new Set([...methods, ...statistics.keys()])].map((name) => {
      const { requests = 0, errors = 0, lastError = "", processingMs = 0 } = statistics.get(name) ?? {};
      return {
        name,
        subject: subjectOf(name),
        queue_group: queueGroup,
        num_requests: requests,
        num_errors: errors,
        last_error: lastError,
        processing_time: Math.round(processingMs * NANOSECONDS),
        average_processing_time: requests === 0 ? 0 : Math.round((processingMs * NANOSECONDS) / requests),
      };
    });
    return { started: this.#started, endpoints };
  }
}
