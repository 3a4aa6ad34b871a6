import type { ChannelError } from "../../errors.js";
import type { ChannelParts } from "../../channel/contract/parts.js";
import { Lasting } from "../../channel/lasting.js";
import { LinkChannel } from "../../channel/link-channel.js";
import { Unstopped } from "../../channel/outgoing/unstopped.js";
import type { OpenedLink } from "../contract.js";
import { Heartbeat } from "../heartbeat.js";
import type { HeartbeatPolicy } from "../heartbeat-options.js";
import { asOpenFailure } from "../lives.js";
import { killStuck } from "../kill-stuck.js";
import { PendingLink } from "../pending-link.js";

/** What all workers of a pool have in common. */
export interface MemberOptions {
  readonly parts: Omit<ChannelParts, "link" | "pid">;
  /** Handlers and ids. */
  readonly shared: Lasting;
  readonly heartbeat: HeartbeatPolicy | undefined;
  /** So long after a request was cancelled its work may go on; `undefined` for ever. */
  readonly killAfterCancelMs: number | undefined;
  /** Called when it takes nothing any more; its end follows. */
  readonly onGone: (member: Member) => void;
  /** Called as it ends, before anything is settled. What was not sent goes to the channel that it returns. */
  readonly onEnd: (member: Member, cause: ChannelError) => LinkChannel | undefined;
}

/** One worker of a pool, from when it runs to its end. */
export class Member {
  readonly channel: LinkChannel;
  readonly lasting: Lasting;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number = performance.now();
  readonly pid: number | undefined;
  /** The number of the place where it serves; a spare worker may come to another one. */
  place: number;
  /** It takes no more requests. */
  isDraining = false;
  readonly #opened: OpenedLink;
  readonly #options: MemberOptions;
  #heartbeat: Heartbeat | undefined;
  #onSettled: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #quiet: Promise<void> | undefined;

  constructor(place: number, opened: OpenedLink, options: MemberOptions) {
    this.place = place;
    this.pid = opened.pid;
    this.#opened = opened;
    this.#options = options;
    this.lasting = new Lasting(options.shared);
    this.channel = new LinkChannel(
      { ...options.parts, link: new PendingLink(), pid: opened.pid },
      {
        lasting: this.lasting,
        isPending: true,
        unstopped: this.#watchCancelled(options.killAfterCancelMs),
        onGone: () => {
          options.onGone(this);
        },
        onEnd: (cause) => {
          this.#heartbeat?.stop();
          this.#wake?.();
          return options.onEnd(this, cause);
        },
      },
    );
  }

  #watchCancelled(afterMs: number | undefined): Unstopped | undefined {
    if (afterMs === undefined) return undefined;
    return new Unstopped(afterMs, (method) => {
      killStuck(this.channel, this.#opened.kill, method, afterMs);
    });
  }

  /** From now on it can be spoken to. It may end by that at once. */
  begin(): void {
    const { channel } = this;
    const { heartbeat, parts } = this.#options;
    const { link, pid, kill, vitals } = this.#opened;
    if (heartbeat !== undefined) {
      const { ping } = parts.dialect;
      this.#heartbeat = new Heartbeat(heartbeat, { channel, kill, vitals, ping, counters: this.lasting.counters });
    }
    try {
      channel.attach(link, pid, parts.whenFull);
    } catch (error) {
      channel.end(asOpenFailure(error));
    }
  }

  /** Requests that wait for its answer; its heartbeats are none. */
  get load(): number {
    const heartbeat = this.#heartbeat;
    return heartbeat === undefined ? this.channel.inFlight : this.channel.inFlight - heartbeat.asking;
  }

  get roundTripMs(): number | undefined {
    return this.#heartbeat?.roundTripMs;
  }

  get missedHeartbeats(): number {
    return this.#heartbeat?.missed ?? 0;
  }

  get memoryBytes(): number | undefined {
    return this.#opened.memoryBytes?.();
  }

  /** Is told of each request that has settled. */
  watchSettled(onSettled: (() => void) | undefined): void {
    this.#onSettled = onSettled;
    this.#watch();
  }

  /** Resolves when no request waits for its answer and no handler runs, or it has ended. */
  quiet(): Promise<void> {
    this.#quiet ??= this.#waitForQuiet();
    return this.#quiet;
  }

  async #waitForQuiet(): Promise<void> {
    while (this.load > 0 && this.channel.ended === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#watch();
      });
      // A heartbeat that was answered is no question any more in a moment, and then it is told from requests.
      if (this.#heartbeat !== undefined) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    this.#wake = undefined;
    this.#watch();
    await Promise.race([this.channel.idle(), this.channel.closed]);
    this.#quiet = undefined;
  }

  #watch(): void {
    const isWatched = this.#onSettled !== undefined || this.#wake !== undefined;
    this.channel.outgoing.watchSettled(isWatched ? this.#settled : undefined);
  }

  readonly #settled = (): void => {
    this.#onSettled?.();
    this.#wake?.();
  };
}
