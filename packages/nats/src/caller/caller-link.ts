import { createInbox, nuid, type Msg, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import type { ChannelError } from "@procwire/transport";
import { type Link, type LinkReceiver, type Message, type Payload } from "@procwire/transport";
import { toBytes } from "@procwire/transport/extend";
import { Room, type Assembler } from "../wire/assembler.js";
import { bodyOf, isTooLong } from "../wire/outlet.js";
import { creditIn, listen } from "../wire/listen.js";
import { Publisher } from "../wire/publisher.js";
import { callerOf, Kind, lastToken, replyOf, tokenOf, type Subjects } from "../wire/subjects.js";
import { failureIn } from "../wire/failures.js";
import { broadcast } from "../wire/broadcast.js";
import { Asked } from "./asked.js";
import { createEventAssembler, createSeat, type SeatParts } from "./create-seat.js";
import { deniedError, goneError, noMemberError, unclaimedError } from "./errors.js";
import { Announcements, headersOf } from "./request-headers.js";
import { isRouted, type About, type RoutedWire } from "./routed-wire.js";
import { Routes, type Route } from "./routes.js";
import { Seats, type Seat } from "./seat.js";

export interface CallerLinkOptions {
  readonly connection: NatsConnection;
  readonly service: string;
  readonly subjects: Subjects;
  readonly wire: RoutedWire;
  readonly maxMessageBytes: number;
  readonly maxHeldBytes: number;
  readonly inboxPrefix: string | undefined;
  /** The member for a key; `undefined` where any will do. */
  readonly memberOf: (key: string) => string | undefined;
  /** How often members that work for this caller are asked whether they live. */
  readonly pingMs: number;
  /** Within which a member must have said that it has a request. */
  readonly claimMs: number;
  readonly onError: (error: unknown) => void;
}

/** What takes the place of a message that has been dealt with. */
const NOTHING: Message = { kind: "batch", messages: [] };
/** About requests of members; all other controls are about those of this side. */
const ABOUT_THEIRS: ReadonlySet<unknown> = new Set(["progress", "stream-items", "input-pull"]);

/**
 * A caller's link to all members of a service. A request goes to whichever member the server chooses; what is said about
 * it afterwards goes to that member, which has named itself by then.
 */
export class CallerLink implements Link {
  readonly hasStrayText = false;
  readonly #options: CallerLinkOptions;
  readonly #publisher: Publisher;
  readonly #routes = new Routes();
  readonly #seats: Seats;
  readonly #inbox: string;
  readonly #events: Assembler;
  readonly #asked = new Asked();
  readonly #announcements = new Announcements();
  #subscriptions: Subscription[] = [];
  #receiver: LinkReceiver | undefined;
  /** Whose message is being read. */
  #from: Seat | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #notifications = 0;

  constructor(options: CallerLinkOptions) {
    const { connection, onError, inboxPrefix, maxHeldBytes, maxMessageBytes } = options;
    this.#options = options;
    this.#publisher = new Publisher(connection, onError);
    this.#inbox = createInbox(inboxPrefix);
    const parts: SeatParts = {
      publisher: this.#publisher,
      inbox: this.#inbox,
      maxBytes: maxMessageBytes,
      room: new Room(maxHeldBytes),
      hear: (bytes, from) => {
        this.#hear(bytes, from);
      },
      oversized: (head, bytes) => this.#receiver?.oversized(head, bytes),
    };
    this.#seats = new Seats(this.#publisher, this.#inbox, (base) => createSeat(base, parts));
    this.#events = createEventAssembler(parts);
  }

  get queuedBytes(): number {
    return this.#publisher.queuedBytes + this.#seats.queuedBytes;
  }

  start(receiver: LinkReceiver): void {
    const { connection, subjects, wire, pingMs, onError } = this.#options;
    this.#receiver = receiver;
    wire.inspect = (message) => this.#inspect(message);
    this.#subscriptions = listen(connection, onError, {
      [`${this.#inbox}.${Kind.frame}`]: (message) => {
        this.#hear(message.data, this.#senderOf(message));
      },
      [`${this.#inbox}.r.*`]: (message) => {
        this.#answered(message);
      },
      [`${this.#inbox}.${Kind.accept}`]: (message) => {
        this.#accepted(message);
      },
      [`${this.#inbox}.${Kind.part}`]: (message) => {
        this.#senderOf(message)?.assembler.part(message);
      },
      [`${this.#inbox}.${Kind.credit}`]: (message) => {
        const [name, count] = creditIn(message);
        this.#senderOf(message)?.outlet.credit(name, count);
      },
      // A question of a member's whether this side lives, and the answers to such questions of this side.
      [`${this.#inbox}.${Kind.ping}`]: (message) => {
        this.#publisher.publish(message.reply ?? "", "");
      },
      [`${this.#inbox}.${Kind.ping}.*`]: (message) => {
        this.#lives(message);
      },
      [subjects.anyEvent]: (message) => {
        if (message.headers === undefined) this.#hear(message.data, undefined);
        else this.#events.part(message);
      },
    });
    this.#timer = setInterval(() => {
      this.#lookAfter();
    }, pingMs);
    this.#timer.unref();
  }

  send(payload: Payload): void {
    if (this.#receiver === undefined) return;
    const about: About | undefined = isRouted(payload) ? payload.about : undefined;
    switch (about?.kind) {
      case "request":
        this.#request(about, payload);
        break;
      case "notification":
        this.#notify(about, payload);
        break;
      case "control":
        this.#control(about, payload);
        break;
      case "answer":
        this.#asked.of(about.id)?.outlet.send(payload);
        this.#asked.forget(about.id);
        break;
      case undefined:
        throw new TypeError("A message that was not made by this channel's wire can't be routed.");
    }
  }

  flushed(): Promise<void> {
    return this.#publisher.flushed();
  }

  atTurnEnd(callback: () => void): void {
    process.nextTick(callback);
  }

  /** The server has let nothing through to this subject. */
  denied(subject: string): void {
    const token = lastToken(subject);
    for (const { id, method } of this.#routes.unclaimedSince(performance.now())) {
      if (tokenOf(method) !== token) continue;
      this.#routes.take(id);
      this.#receiver?.lost?.(id, deniedError(method, subject));
    }
  }

  /** The connection is over: nobody answers what is under way. */
  end(cause: ChannelError): void {
    const receiver = this.#receiver;
    this.#stop();
    receiver?.end(cause);
  }

  close(): Promise<void> {
    this.#stop();
    return Promise.resolve();
  }

  #stop(): void {
    this.#receiver = undefined;
    clearInterval(this.#timer);
    this.#seats.close();
    this.#events.close();
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
  }

  #request({ id, method, aside }: About & { kind: "request" }, payload: Payload): void {
    const data = bodyOf(payload);
    const large = isTooLong(data, this.#publisher.maxBody) ? { name: nuid.next(), data: toBytes(data) } : undefined;
    const announced = this.#announcements.of(id);
    const route: Route = { id, method, sentAt: performance.now(), seat: undefined, waiting: undefined, large };
    this.#routes.add(route);
    const member = aside?.key === undefined ? undefined : this.#options.memberOf(aside.key);
    const { subjects } = this.#options;
    const subject = member === undefined ? subjects.call(method) : subjects.to(member, method);
    const head = headersOf(aside, announced, large);
    this.#publisher.publish(subject, large === undefined ? data : "", replyOf(this.#inbox, id), head);
  }

  #notify({ method, aside }: About & { kind: "notification" }, payload: Payload): void {
    const { subjects } = this.#options;
    const data = bodyOf(payload);
    if (!isTooLong(data, this.#publisher.maxBody)) {
      this.#publisher.publish(aside?.toAll === true ? subjects.all(method) : subjects.call(method), data);
    } else if (aside?.toAll === true) {
      broadcast(this.#publisher, subjects.all(method), toBytes(data));
    } else {
      const id = -++this.#notifications;
      this.#request({ kind: "request", id, method, aside }, payload);
    }
  }

  #control({ control, about }: About & { kind: "control" }, payload: Payload): void {
    const id = about.id ?? about.token;
    if (ABOUT_THEIRS.has(control)) {
      this.#asked.of(id)?.outlet.send(payload);
      return;
    }
    const route = this.#routes.get(id);
    if (route === undefined) this.#announcements.say(control, id, about.count);
    else if (route.seat === undefined) (route.waiting ??= []).push(payload);
    else route.seat.outlet.send(payload);
  }

  #hear(data: Uint8Array, from: Seat | undefined): void {
    this.#from = from;
    this.#receiver?.arrived(data.length);
    this.#receiver?.frame(data, 0, data.length);
    this.#from = undefined;
  }

  #inspect(message: Message): Message {
    switch (message.kind) {
      case "response":
        this.#routes.take(message.id);
        break;
      case "error":
        return this.#failed(message);
      case "undecodable":
        this.#inspect(message.message);
        break;
      case "request":
        if (this.#from !== undefined) this.#asked.add(message.id, this.#from);
        break;
      default:
    }
    return message;
  }

  #failed(message: Message & { kind: "error" }): Message {
    const route = this.#routes.take(message.id);
    if (route === undefined) return message;
    const failure = failureIn(message.error.message, message.error.data, route.method);
    if (failure === undefined) return message;
    this.#receiver?.lost?.(route.id, failure);
    return NOTHING;
  }

  /** By NATS's own means: that nobody is there, or a plain reply. */
  #answered(message: Msg): void {
    if (message.headers?.code !== 503) {
      this.#hear(message.data, undefined);
      return;
    }
    const route = this.#routes.take(callerOf(message.subject)?.id);
    if (route !== undefined) this.#receiver?.lost?.(route.id, noMemberError(route.method, this.#options.service));
  }

  #accepted(message: Msg): void {
    const seat = this.#senderOf(message);
    if (seat !== undefined) for (const id of message.string().split(",")) this.#routes.seat(Number(id), seat);
  }

  #senderOf({ reply }: Msg): Seat | undefined {
    return reply === undefined || reply === "" ? undefined : this.#seats.of(reply);
  }

  #lives(message: Msg): void {
    const seat = this.#seats.named(lastToken(message.subject));
    if (seat === undefined) return;
    if (message.headers?.code !== 503) seat.missed = 0;
    else this.#gone(seat);
  }

  #lookAfter(): void {
    for (const seat of this.#seats.ask()) this.#gone(seat);
    const { claimMs } = this.#options;
    for (const { id, method } of this.#routes.unclaimedSince(performance.now() - claimMs)) {
      this.#routes.take(id);
      this.#receiver?.lost?.(id, unclaimedError(method, claimMs));
    }
  }

  #gone(seat: Seat): void {
    this.#seats.leave(seat);
    this.#asked.leave(seat);
    for (const { id, method } of [...seat.routes]) {
      this.#routes.take(id);
      this.#receiver?.lost?.(id, goneError(method, lastToken(seat.base)));
    }
  }
}
