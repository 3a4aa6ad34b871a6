import type { ChannelError, Link, LinkReceiver, Payload, RequestId, Wire } from "@procwire/transport";
import { toBytes, type Dialect } from "@procwire/transport/extend";
import { Assembler, type Room } from "../wire/assembler.js";
import { bodyOf, Outlet } from "../wire/outlet.js";
import type { Publisher } from "../wire/publisher.js";
import { Kind } from "../wire/subjects.js";
import type { Details } from "./details.js";
import { sessionWire, type SessionEars } from "./session-wire.js";

export interface SessionOptions {
  readonly publisher: Publisher;
  /** Where the caller is reached. */
  readonly base: string;
  /** The subject of the one answer that a requester waits for who is no caller of ours; else `undefined`. */
  readonly plainReply: string | undefined;
  /** Where this member is reached. */
  readonly memberBase: string;
  readonly wire: Wire;
  readonly dialect: Dialect;
  readonly maxMessageBytes: number;
  readonly room: Room;
  /** The request of this message has these details. */
  readonly noteDetails: (raw: object, details: Details) => void;
  /** There is a request that the caller has not been told of. */
  readonly onFresh: (session: Session) => void;
}

/** How a request came: under which method's subject, and with which headers. */
interface Head {
  readonly token: string;
  readonly id: number | undefined;
  readonly details: Details | undefined;
}

/** A member's link to one caller. */
export class Session implements Link, SessionEars {
  readonly hasStrayText = false;
  readonly wire: Wire;
  readonly base: string;
  /** On the clock of `performance.now()`. */
  heardAt: number = performance.now();
  missed = 0;
  readonly #options: SessionOptions;
  readonly #outlet: Outlet;
  readonly #assembler: Assembler;
  /** Requests that have come and have no answer. */
  readonly #open = new Set<RequestId>();
  /** Those of them that the caller was not told of: most are answered before. */
  readonly #fresh = new Set<RequestId>();
  /** What announced a body in parts, by the transfer's name. */
  readonly #heads = new Map<string, Head>();
  #receiver: LinkReceiver | undefined;
  #head: Head | undefined;

  constructor(options: SessionOptions) {
    const { publisher, base, memberBase, wire, dialect, maxMessageBytes, room } = options;
    this.#options = options;
    this.base = base;
    this.wire = sessionWire(wire, dialect.isReserved, this);
    this.#outlet = new Outlet(publisher, base, memberBase);
    this.#assembler = new Assembler({
      maxBytes: maxMessageBytes,
      room,
      whole: (name, bytes) => {
        this.#hear(bytes, this.#takeHead(name));
      },
      refused: (name, head, bytes) => {
        this.#takeHead(name);
        this.#receiver?.oversized(head, bytes);
      },
      credit: (name, count) => {
        publisher.publish(`${base}.${Kind.credit}`, `${name} ${count}`, memberBase);
      },
    });
  }

  get isPlain(): boolean {
    return this.#options.plainReply !== undefined;
  }

  get running(): number {
    return this.#open.size + this.#heads.size;
  }

  get queuedBytes(): number {
    return this.#options.publisher.queuedBytes + this.#outlet.queuedBytes;
  }

  get expectedToken(): string | undefined {
    return this.#head?.token;
  }

  get assembler(): Assembler {
    return this.#assembler;
  }

  get outlet(): Outlet {
    return this.#outlet;
  }

  start(receiver: LinkReceiver): void {
    this.#receiver = receiver;
  }

  send(payload: Payload): void {
    const { plainReply, publisher } = this.#options;
    if (plainReply === undefined) this.#outlet.send(payload);
    else publisher.publish(plainReply, bodyOf(payload));
  }

  flushed(): Promise<void> {
    return this.#options.publisher.flushed();
  }

  atTurnEnd(callback: () => void): void {
    process.nextTick(callback);
  }

  end(cause: ChannelError): void {
    const receiver = this.#receiver;
    void this.close();
    receiver?.end(cause);
  }

  close(): Promise<void> {
    this.#receiver = undefined;
    this.#outlet.close();
    this.#assembler.close();
    this.#heads.clear();
    return Promise.resolve();
  }

  /** A request or a notification, or what announces one that comes in parts. */
  call(data: Uint8Array, head: Head): void {
    this.heardAt = performance.now();
    const { large } = head.details ?? {};
    if (large === undefined) {
      this.#hear(data, head);
      return;
    }
    this.#heads.set(large.name, head);
    if (head.id !== undefined) this.#accept([head.id]);
  }

  /** What is said about requests, and answers to requests of this side. */
  frame(data: Uint8Array): void {
    this.heardAt = performance.now();
    this.#hear(data, undefined);
  }

  /** Tells the caller which requests are here. */
  acceptFresh(): void {
    if (this.#fresh.size === 0) return;
    this.#accept([...this.#fresh]);
    this.#fresh.clear();
  }

  admitted(id: RequestId, raw: unknown): void {
    const details = this.#head?.details;
    if (details !== undefined && typeof raw === "object" && raw !== null) this.#options.noteDetails(raw, details);
    this.#open.add(id);
    if (this.isPlain) return;
    this.#fresh.add(id);
    this.#options.onFresh(this);
  }

  answered(id: RequestId): void {
    this.#open.delete(id);
    this.#fresh.delete(id);
  }

  aboutToSay(id: RequestId): void {
    if (this.#fresh.has(id)) this.acceptFresh();
  }

  #accept(ids: readonly RequestId[]): void {
    this.#options.publisher.publish(`${this.base}.${Kind.accept}`, ids.join(","), this.#options.memberBase);
  }

  #takeHead(name: string): Head | undefined {
    const head = this.#heads.get(name);
    this.#heads.delete(name);
    return head;
  }

  #hear(data: Uint8Array, head: Head | undefined): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    receiver.arrived(data.length);
    this.#announce(receiver, head);
    this.#head = head;
    receiver.frame(data, 0, data.length);
    this.#head = undefined;
  }

  /** A channel expects to hear of streams before the request. */
  #announce(receiver: LinkReceiver, head: Head | undefined): void {
    const { id, details } = head ?? {};
    if (id === undefined || details === undefined) return;
    const { controls } = this.#options.dialect;
    const say = (method: string | undefined, params: { readonly id: number; readonly count?: number }): void => {
      if (method === undefined) return;
      const frame = toBytes(this.#options.wire.control(method, params));
      receiver.frame(frame, 0, frame.length);
    };
    if (details.hasInput) say(controls["input-open"], { id });
    if (details.credit > 0) say(controls["stream-pull"], { id, count: details.credit });
  }
}
