import type { Socket } from "node:net";
import { startTimer } from "../streams/durations.js";
import { readFirstLine, type FirstLine } from "./first-line.js";
import {
  GREETING_MS,
  judgeOf,
  MAX_LINE_BYTES,
  mayGreet,
  refusalLine,
  welcomeLine,
  type Refusal,
  type Speech,
  type Verdict,
} from "./greeting.js";

/** How long a connection that was refused may take to read why. */
const FAREWELL_MS = 500;

export interface LobbyOptions {
  readonly token: string | undefined;
  readonly speech: Speech;
  /** On a local socket: who listens is told, and without a token the greeting may be left out. */
  readonly isLocal: boolean;
  /** Connections at once, those that wait here included. */
  readonly maxConnections: number;
  /** The connection has greeted, or needn't: what comes on it now are messages. */
  readonly onWelcome: (socket: Socket) => void;
}

/** A connection that has not greeted. */
interface Guest {
  leave: () => void;
  readonly stopTimer: () => void;
}

/**
 * Where connections wait until they have greeted: none holds more than a line, none stays for more than a few seconds, and
 * when there are too many, the one that has waited longest goes.
 */
export class Lobby {
  readonly #options: LobbyOptions;
  readonly #judge: (line: Buffer) => Verdict;
  /** In the order of their arrival. */
  readonly #guests = new Set<Guest>();
  /** Those behind which TLS is still to come, by who they are. */
  readonly #securing = new Map<string, Guest>();
  #connections = 0;
  #isClosed = false;

  constructor(options: LobbyOptions) {
    this.#options = options;
    this.#judge = judgeOf(options.token);
  }

  /** A connection was accepted: its first line follows. */
  arrive(connection: Socket): void {
    const guest = this.#admit(connection, (why) => {
      this.#refuse(connection, why);
    });
    if (guest !== undefined) this.#greet(guest, connection);
  }

  /** A connection was accepted: `secured` follows, or its end. */
  arriveForTls(connection: Socket): void {
    // What is said before TLS would not be understood.
    const guest = this.#admit(connection, () => connection.destroy());
    if (guest === undefined) return;
    const key = keyOf(connection);
    this.#securing.set(key, guest);
    connection.once("close", () => {
      if (this.#securing.get(key) === guest) this.#securing.delete(key);
    });
  }

  /** The handshake of a connection is over: its first line follows. */
  secured(socket: Socket): void {
    const key = keyOf(socket);
    const guest = this.#securing.get(key);
    this.#securing.delete(key);
    socket.on("error", () => undefined);
    if (guest === undefined) socket.destroy();
    else this.#greet(guest, socket);
  }

  /** Nobody else comes in. */
  close(): void {
    this.#isClosed = true;
    for (const guest of [...this.#guests]) guest.leave();
  }

  #admit(connection: Socket, refuse: (why: Refusal) => void): Guest | undefined {
    connection.on("error", () => undefined);
    if (this.#isClosed) {
      refuse("closing");
      return undefined;
    }
    if (this.#connections >= this.#options.maxConnections && !this.#evict()) {
      refuse("full");
      return undefined;
    }
    this.#connections += 1;
    const guest = this.#guestOf(connection);
    connection.once("close", () => {
      this.#connections -= 1;
      this.#forget(guest);
    });
    return guest;
  }

  #guestOf(connection: Socket): Guest {
    const guest: Guest = {
      leave: () => connection.destroy(),
      stopTimer: startTimer(() => {
        guest.leave();
      }, GREETING_MS),
    };
    this.#guests.add(guest);
    return guest;
  }

  #forget(guest: Guest): void {
    guest.stopTimer();
    this.#guests.delete(guest);
  }

  /** Sends away the one that has waited longest; false when none waits. */
  #evict(): boolean {
    const [longest] = this.#guests;
    if (longest === undefined) return false;
    this.#forget(longest);
    longest.leave();
    return true;
  }

  #greet(guest: Guest, socket: Socket): void {
    const { isLocal, token } = this.#options;
    const onLine = (first: FirstLine): void => {
      this.#forget(guest);
      this.#answer(socket, first);
    };
    const mayBegin = isLocal && token === undefined ? mayGreet : undefined;
    const stop = readFirstLine(socket, MAX_LINE_BYTES, onLine, mayBegin);
    guest.leave = () => {
      this.#forget(guest);
      stop();
      this.#refuse(socket, this.#isClosed ? "closing" : "greeting");
    };
  }

  #answer(socket: Socket, first: FirstLine): void {
    if ("line" in first) this.#take(socket, this.#judge(first.line));
    else if (first.problem === "message") this.#options.onWelcome(socket);
    else if (first.problem === "too long") this.#refuse(socket, "greeting");
    else socket.destroy();
  }

  #take(socket: Socket, verdict: Verdict): void {
    const { speech, token, onWelcome } = this.#options;
    if (verdict === "question") {
      if (token === undefined) end(socket, welcomeLine(speech, this.#pid));
      else this.#refuse(socket, "token");
    } else if (verdict === "welcome") {
      socket.write(welcomeLine(speech, this.#pid));
      onWelcome(socket);
    } else this.#refuse(socket, verdict);
  }

  #refuse(socket: Socket, why: Refusal): void {
    end(socket, refusalLine(why, this.#pid));
  }

  get #pid(): number | undefined {
    return this.#options.isLocal ? process.pid : undefined;
  }
}

/** Says a last word. Nothing is read any more, and whoever does not take the word in time does not get it. */
function end(socket: Socket, line: string): void {
  const stopTimer = startTimer(
    () => {
      socket.destroy();
    },
    FAREWELL_MS,
    false,
  );
  socket
    .once("close", stopTimer)
    .pause()
    .end(line, () => {
      socket.destroySoon();
    });
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
