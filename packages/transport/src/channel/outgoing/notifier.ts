import type { ChannelError } from "../../errors.js";
import type { Payload } from "../../framing/contract.js";
import { unitLength } from "../../framing/payload.js";
import type { RequestMessage } from "../../protocol/contract.js";
import { endedRequestError, overloadedError } from "../records/errors.js";
import type { Interception } from "../around/interception.js";
import { quiet, rejected } from "../contract/outcome.js";
import type { ChannelParts } from "../contract/parts.js";
import { assertMethod } from "./assert-method.js";
import type { Sender } from "../output/sender.js";
import type { Unsent } from "../output/unsent.js";

/** A notification that waits for room. */
interface Waiting {
  readonly method: string;
  readonly resolve: () => void;
  readonly reject: (reason: ChannelError) => void;
}

/** The notifications of this side. */
export class Notifier {
  readonly #parts: ChannelParts;
  readonly #sender: Sender;
  readonly #unsent: Unsent;
  readonly #interception: Interception;
  readonly #waiting = new Set<Waiting>();
  #waitingBytes = 0;
  /** One for all that is said in a turn. */
  #flushed: Promise<void> | undefined;

  constructor(parts: ChannelParts, sender: Sender, unsent: Unsent, interception: Interception) {
    this.#parts = parts;
    this.#sender = sender;
    this.#unsent = unsent;
    this.#interception = interception;
  }

  /** Resolves when it is handed to the pipe; nobody has to wait for that. */
  notify(method: string, params: object | undefined): Promise<void> {
    if (!this.#interception.isNeeded) return this.send(method, params);
    return this.#interception.notify(method, params, (again) => this.send(again.method, again.params));
  }

  /** The same past interceptors. */
  send(method: string, params: object | undefined): Promise<void> {
    try {
      return this.#send(method, params);
    } catch (error) {
      return refused(error);
    }
  }

  #send(method: string, params: object | undefined): Promise<void> {
    assertMethod(method, "notify");
    const { ceremony } = this.#unsent;
    if (ceremony?.isEarly(method) === true || (this.#parts.whenFull === "wait" && this.#unsent.mustWait)) {
      return this.#sendLater(method, params);
    }
    this.#sender.notification(method, params);
    ceremony?.sent(method);
    return this.#whenFlushed();
  }

  /** Never waits behind other messages: it would come after the answer, which does not wait either. */
  progress(request: Pick<RequestMessage, "id" | "params">, value: unknown): Promise<void> {
    try {
      this.#sender.progress(request, value);
      return this.#whenFlushed();
    } catch (error) {
      return refused(error);
    }
  }

  #whenFlushed(): Promise<void> {
    const flushed = this.#sender.flushed();
    if (flushed !== this.#flushed) this.#flushed = quiet(flushed);
    return flushed;
  }

  /** Settles what waits: the channel has ended. */
  end(cause: ChannelError): void {
    for (const { method, reject } of this.#waiting) reject(endedRequestError(cause, method, "not-sent"));
    this.#waiting.clear();
  }

  #sendLater(method: string, params: object | undefined): Promise<void> {
    this.#sender.assertOpen(method);
    const payload = this.#sender.encodeNotification(method, params);
    const bytes = unitLength(payload);
    this.#assertRoom(method, bytes);
    const sent = new Promise<void>((resolve, reject) => {
      this.#wait({ method, resolve, reject }, payload, bytes);
    });
    return quiet(sent);
  }

  #wait(waiting: Waiting, payload: Payload, bytes: number): void {
    this.#unsent.add(waiting, waiting.method, payload, () => {
      this.#waiting.delete(waiting);
      this.#waitingBytes -= bytes;
      this.#sender.sendNotification(payload);
      this.#unsent.ceremony?.sent(waiting.method);
      this.#sender.flushed().then(waiting.resolve, waiting.reject);
    });
    this.#waiting.add(waiting);
    this.#waitingBytes += bytes;
  }

  /** What was not sent goes to the notifications of the next link. Nothing happens when `owner` is none of this side's. */
  handOver(owner: object, payload: Payload, heir: Notifier): void {
    const waiting = owner as Waiting;
    if (this.#waiting.delete(waiting)) heir.#wait(waiting, payload, unitLength(payload));
  }

  /** What waits is bounded like what is under way: by number and by size. */
  #assertRoom(method: string, bytes: number): void {
    const { maxInFlight, maxQueuedBytes } = this.#parts.limits;
    if (this.#waiting.size >= maxInFlight) throw overloadedError(method, "limits.maxInFlight");
    if (this.#waitingBytes + bytes > maxQueuedBytes && this.#waiting.size > 0) {
      throw overloadedError(method, "limits.maxQueuedBytes");
    }
  }
}

/** A notification that nobody waits for must not become an unhandled rejection. */
function refused(error: unknown): Promise<void> {
  return quiet(rejected(error));
}
