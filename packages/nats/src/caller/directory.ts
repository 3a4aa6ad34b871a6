import { createInbox, type NatsConnection } from "@nats-io/transport-node";

/** How long answers of members are awaited. */
const LISTEN_MS = 250;
/** How often the members are asked anew while keys are used. */
const REFRESH_MS = 2_000;

/**
 * Which members there are: only asked where requests have keys. The member of a key is the one with the highest hash of
 * both, so that a member that comes or goes moves only keys of its own.
 */
export class Directory {
  readonly #connection: NatsConnection;
  readonly #service: string;
  readonly #inboxPrefix: string | undefined;
  #members: readonly string[] = [];
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(connection: NatsConnection, service: string, inboxPrefix: string | undefined) {
    this.#connection = connection;
    this.#service = service;
    this.#inboxPrefix = inboxPrefix;
  }

  /** Resolves when the members are known; undefined when they are now. */
  ready(): Promise<void> | undefined {
    const age = performance.now() - this.#askedAt;
    if (age > REFRESH_MS) this.#asking ??= this.#ask();
    return this.#members.length === 0 ? this.#asking : undefined;
  }

  memberOf(key: string): string | undefined {
    let best: string | undefined;
    let highest = -1;
    for (const member of this.#members) {
      const hash = hashOf(`${member}\n${key}`);
      if (hash > highest) [best, highest] = [member, hash];
    }
    return best;
  }

  /** Somebody was not there any more. */
  forget(): void {
    this.#members = [];
    this.#askedAt = -Infinity;
  }

  async #ask(): Promise<void> {
    const found: string[] = [];
    const inbox = createInbox(this.#inboxPrefix);
    const subscription = this.#connection.subscribe(inbox, {
      callback: (_error, message) => {
        const id = idIn(message.string());
        if (id !== undefined) found.push(id);
      },
    });
    this.#connection.publish(`$SRV.PING.${this.#service}`, "", { reply: inbox });
    await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
    subscription.unsubscribe();
    this.#members = found;
    this.#askedAt = performance.now();
    this.#asking = undefined;
  }
}

function idIn(text: string): string | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}

/** FNV-1a, and a last stir, so that names that differ in their last character are far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
