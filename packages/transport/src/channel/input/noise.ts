import { ChannelError } from "../../errors.js";
import { isThenable, watch } from "../contract/outcome.js";
import type { ChannelParts } from "../contract/parts.js";
import type { Counters } from "../records/counters.js";

const WINDOW_MS = 60_000;
/** A stray line counts as at least so many bytes: a flood of short ones costs more than its length. */
const MIN_BYTES = 64;

/** Hands stray text on. A few prints are a nuisance; a flood means that the other side is no worker, and ends it. */
export class Noise {
  readonly #parts: ChannelParts;
  readonly #counters: Counters;
  readonly #end: (cause: ChannelError) => void;
  #windowStart = -Infinity;
  #spent = 0;

  constructor(parts: ChannelParts, counters: Counters, end: (cause: ChannelError) => void) {
    this.#parts = parts;
    this.#counters = counters;
    this.#end = end;
  }

  printed(text: string): void {
    this.#counters.noiseBytes += text.length;
    if (!this.#spend(Math.max(text.length, MIN_BYTES))) {
      const reason =
        "The other side printed too much that is not a message (limits.maxNoiseBytesPerMinute). It should print to stderr.";
      this.#end(new ChannelError("FRAME_MALFORMED", reason));
      return;
    }
    this.#tell(text);
  }

  /** What came beside the messages has no budget, as stderr has none. */
  harmless(text: string): void {
    this.#counters.noiseBytes += text.length;
    this.#tell(text);
  }

  #tell(text: string): void {
    try {
      const outcome = this.#parts.onNoise(text);
      if (isThenable(outcome)) void watch(outcome, this.#parts.onError);
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  /** False when the budget of this minute is used up. */
  #spend(bytes: number): boolean {
    const now = performance.now();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#spent = 0;
    }
    this.#spent += bytes;
    return this.#spent <= this.#parts.limits.maxNoiseBytesPerMinute;
  }
}
