import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import { ChannelError, type Channel, type NotificationMessage } from "@procwire/transport";
import { Lasting, openChannel, toBytes, type Stack } from "@procwire/transport/extend";
import { Assembler, Room } from "../wire/assembler.js";
import { broadcast } from "../wire/broadcast.js";
import { bodyOf, isTooLong } from "../wire/outlet.js";
import { creditIn, listen } from "../wire/listen.js";
import { Publisher } from "../wire/publisher.js";
import { callerOf, Kind, lastToken, type Subjects } from "../wire/subjects.js";
import { detailsOf, type Details } from "./details.js";
import { Session } from "./session.js";

export interface ServingOptions {
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  /** The queue group. */
  readonly group: string;
  /** The member's name on the network; another one after each reconnect. */
  readonly id: string;
  readonly stack: Stack;
  /** How often callers that wait are asked whether they live. */
  readonly pingMs: number;
  readonly onError: (error: unknown) => void;
}

interface Served {
  readonly session: Session;
  readonly channel: Channel;
}

/** A caller hears by then that its request is here, when it is not answered before. */
const ACCEPT_AFTER_MS = 5;
/** After so long a caller that says nothing, and waits for nothing, is forgotten. */
const FORGET_AFTER_MS = 60_000;
const MISSES = 3;
/** Ids of requests to callers begin somewhere, so that those of two members differ. */
const ID_SPAN = 2 ** 20;

/** One member's life on one connection: who may speak to it, and a channel for each caller. */
export class Serving {
  /** The handlers of all sessions are the same. */
  readonly lasting: Lasting = new Lasting();
  /** What the headers of a request said, by its message. */
  readonly details: WeakMap<object, Details> = new WeakMap<object, Details>();
  readonly publisher: Publisher;
  readonly #options: ServingOptions;
  readonly #base: string;
  readonly #room: Room;
  readonly #sessions = new Map<string, Served>();
  readonly #fresh = new Set<Session>();
  /** Who was asked whether it lives, by the number in the question. */
  readonly #asked = new Map<string, Served>();
  readonly #toAll: Assembler;
  #subscriptions: Subscription[] = [];
  readonly #open: Subscription[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #accepting: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ServingOptions) {
    const { connection, subjects, id, stack, onError, pingMs } = options;
    this.#options = options;
    this.#base = subjects.member(id);
    this.#room = new Room(stack.limits.maxHeldBytes);
    this.publisher = new Publisher(connection, onError);
    this.lasting.ids.last = Math.floor(Math.random() * 2 ** 32) * ID_SPAN;
    this.#toAll = new Assembler({
      maxBytes: stack.limits.maxMessageBytes,
      room: this.#room,
      whole: (_name, bytes) => {
        this.#anonymous().session.frame(bytes);
      },
      refused: () => undefined,
      credit: () => undefined,
    });
    this.#timer = setInterval(() => {
      this.#lookAfter();
    }, pingMs);
    this.#timer.unref();
  }

  /** The callers for whom something runs here. */
  get busy(): Channel[] {
    return [...this.#sessions.values()].filter(({ session }) => session.running > 0).map(({ channel }) => channel);
  }

  /** Begins to take requests. */
  open(): void {
    const { connection, subjects, group, id, onError } = this.#options;
    const hear = (message: Msg): void => {
      this.#call(message);
    };
    this.#open.push(
      ...listen(connection, onError, { [subjects.anyCall]: hear }, group),
      ...listen(connection, onError, { [subjects.anyTo(id)]: hear, [subjects.anyToAll]: hear }),
    );
    this.#subscriptions = listen(connection, onError, {
      [`${this.#base}.${Kind.frame}`]: (message) => {
        this.#sessionOf(message)?.session.frame(message.data);
      },
      [`${this.#base}.${Kind.part}`]: (message) => {
        this.#sessionOf(message)?.session.assembler.part(message);
      },
      [`${this.#base}.${Kind.credit}`]: (message) => {
        const [name, count] = creditIn(message);
        this.#sessionOf(message)?.session.outlet.credit(name, count);
      },
      [`${this.#base}.${Kind.ping}`]: (message) => {
        this.publisher.publish(message.reply ?? "", "");
      },
      [`${this.#base}.${Kind.ping}.*`]: (message) => {
        this.#lives(message);
      },
    });
  }

  /** Takes no more requests; those that the server has sent already are taken. */
  async drain(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((subscription) => subscription.drain()));
  }

  /** Ends all sessions: what runs for callers is cancelled. */
  end(cause: ChannelError): void {
    clearInterval(this.#timer);
    clearTimeout(this.#accepting);
    this.#toAll.close();
    for (const subscription of [...this.#open.splice(0), ...this.#subscriptions]) subscription.unsubscribe();
    for (const { session } of this.#sessions.values()) session.end(cause);
    this.#sessions.clear();
  }

  /** A notification for every caller. */
  tellAll({ method, params }: NotificationMessage): void {
    const { subjects, stack } = this.#options;
    const data = bodyOf(stack.wire.notification(method, params));
    const subject = subjects.event(method);
    if (isTooLong(data, this.publisher.maxBody)) broadcast(this.publisher, subject, toBytes(data));
    else this.publisher.publish(subject, data);
  }

  #call(message: Msg): void {
    const token = lastToken(message.subject);
    const details = detailsOf(message);
    const { reply } = message;
    if (reply === undefined || reply === "") {
      if (message.headers === undefined)
        this.#anonymous().session.call(message.data, { token, id: undefined, details });
      else this.#toAll.part(message);
      return;
    }
    const caller = callerOf(reply);
    const served = caller === undefined ? this.#serve(reply, reply) : this.#serve(caller.base, undefined);
    served.session.call(message.data, { token, id: caller?.id, details });
    if (caller === undefined && served.session.running === 0) this.#forget(served);
  }

  /** Notifications say not from whom they are. */
  #anonymous(): Served {
    return this.#serve("", undefined);
  }

  #sessionOf({ reply }: Msg): Served | undefined {
    const caller = reply === undefined ? undefined : callerOf(reply);
    return caller === undefined ? undefined : this.#serve(caller.base, undefined);
  }

  #serve(base: string, plainReply: string | undefined): Served {
    const known = this.#sessions.get(base);
    if (known !== undefined) return known;
    const { stack } = this.#options;
    const session = new Session({
      publisher: this.publisher,
      base,
      plainReply,
      memberBase: this.#base,
      wire: stack.wire,
      dialect: stack.dialect,
      maxMessageBytes: stack.limits.maxMessageBytes,
      room: this.#room,
      noteDetails: (raw, details) => this.details.set(raw, details),
      onFresh: (fresh) => {
        this.#acceptSoon(fresh);
      },
    });
    const life = { lasting: this.lasting, isPending: false, onEnd: () => undefined };
    const channel = openChannel({ ...stack, wire: session.wire }, session, { answersUnreadable: true }, life);
    const served = { session, channel };
    this.#sessions.set(base, served);
    return served;
  }

  #acceptSoon(session: Session): void {
    this.#fresh.add(session);
    this.#accepting ??= setTimeout(() => {
      this.#accepting = undefined;
      for (const one of this.#fresh) one.acceptFresh();
      this.#fresh.clear();
    }, ACCEPT_AFTER_MS);
  }

  #lookAfter(): void {
    const now = performance.now();
    for (const [index, served] of [...this.#sessions.values()].entries()) {
      const { session } = served;
      if (session.base === "") continue;
      if (session.running === 0) {
        session.missed = 0;
        if (session.isPlain || now - session.heardAt > FORGET_AFTER_MS) this.#forget(served);
      } else if (!session.isPlain) this.#ask(served, index);
    }
  }

  #ask(served: Served, index: number): void {
    const { session } = served;
    if (session.missed >= MISSES) {
      this.#gone(served);
      return;
    }
    session.missed += 1;
    this.#asked.set(String(index), served);
    this.publisher.publish(`${session.base}.${Kind.ping}`, "", `${this.#base}.${Kind.ping}.${index}`);
  }

  #lives(message: Msg): void {
    const name = lastToken(message.subject);
    const served = this.#asked.get(name);
    this.#asked.delete(name);
    if (served === undefined) return;
    if (message.headers?.code === 503) this.#gone(served);
    else served.session.missed = 0;
  }

  #gone(served: Served): void {
    this.#forget(served, new ChannelError("CHANNEL_CLOSED", "The caller is gone."));
  }

  #forget(served: Served, cause?: ChannelError): void {
    if (this.#sessions.get(served.session.base) === served) this.#sessions.delete(served.session.base);
    this.#fresh.delete(served.session);
    if (cause === undefined) void served.channel.close();
    else served.session.end(cause);
  }
}
