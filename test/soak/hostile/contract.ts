import type { Channel, CreateChannelOptions, ServeStdioOptions, StdioChannelOptions } from "@procwire/transport";
import type { Book } from "./book.js";

/**
 * Whose user is hostile, and where: one of two channels in this process, the parent of a Node worker, or such a worker.
 */
export type Side = "memory" | "parent" | "worker";
export const SIDES: readonly Side[] = ["memory", "parent", "worker"];

export type CodecName = "json" | "msgpack";
export const CODECS: readonly CodecName[] = ["json", "msgpack"];

/** Does the hostile thing, and returns what it was given where the behaviour is not to return another thing. */
export type Act = <Value>(normal: Value) => Value;

/** What hostile code can get its hands on. */
export interface Scene {
  /** The channel whose user is hostile; `undefined` while it is opened. */
  channel: Channel | undefined;
  /** Aborts the signal that hostile requests carry. */
  readonly abort: AbortController;
  /** Takes the handlers away that the point has registered. */
  readonly disposers: (() => void)[];
  /** To be called when the trial is over. */
  readonly cleanUps: (() => void)[];
  readonly book: Book;
  readonly codec: CodecName;
}

/** What user code does to the library that has called it. */
export interface Behaviour {
  readonly name: string;
  /** Whether it throws, returns something else than what was asked for, or does something and returns what was. */
  readonly kind: "throws" | "returns" | "does";
  /** True where it closes the channel. */
  readonly closes?: boolean;
  run(scene: Scene, normal: unknown): unknown;
}

export type HostileOptions = Partial<CreateChannelOptions & StdioChannelOptions & ServeStdioOptions>;

/** What one end of the channel has for the point while it plays. */
export interface OpenScene extends Scene {
  readonly channel: Channel;
  readonly act: Act;
}

/** A place where the library calls code of its user's. */
export interface Point {
  readonly name: string;
  /** The members of the public types whose call or look-up this is, as `suppliedByUsers` names them. */
  readonly covers: readonly string[];
  /** Where it exists; everywhere if absent. */
  readonly sides?: readonly Side[];
  readonly codecs?: readonly CodecName[];
  /** True where nobody looks at what hostile code returns. */
  readonly returnsNothing?: boolean;
  /** True for parts of the channel itself: a broken one may end the channel. */
  readonly mayEnd?: boolean;
  /** True where what user code returns is an argument, which may be refused with a `TypeError`. */
  readonly mayRefuse?: boolean;
  /** Behaviours whose outcome is not the library's affair, with the reason. */
  readonly except?: { readonly behaviours: readonly string[]; readonly because: string };
  /**
   * True where what it gives becomes a part of the channel: one that is no such part may leave a channel that does
   * nothing, but fails as it should.
   */
  readonly isPart?: boolean;
  /** What the channel is opened with. `given` are the calm options, to be wrapped. */
  options?(act: Act, given: HostileOptions): HostileOptions;
  /** What the hostile side does with its open channel. Requests are made by `scene.book`. */
  play(scene: OpenScene): unknown;
}

/** One trial, and what to write after `--only` to repeat it. */
export interface Trial {
  readonly point: Point;
  readonly behaviour: Behaviour;
  readonly side: Side;
  readonly codec: CodecName;
}

export function nameOf({ point, behaviour, side, codec }: Trial): string {
  return `${point.name}:${behaviour.name}:${side}:${codec}`;
}

export function exists({ point, behaviour, side, codec }: Trial): boolean {
  if (point.sides?.includes(side) === false || point.codecs?.includes(codec) === false) return false;
  if (point.returnsNothing === true && behaviour.kind === "returns") return false;
  return point.except?.behaviours.includes(behaviour.name) !== true;
}
