import type { IdKey } from "../records/id-key.js";

/** What a caller said about a request before it sent the request itself. */
export interface Announcement {
  /** How many items of a streamed answer it takes; 0 when it wants none. */
  credit: number;
  /** A stream of inputs goes with the request. */
  hasInput: boolean;
}

/** Announcements of requests that never come must not fill the memory; the oldest go first. */
const MAX_ANNOUNCEMENTS = 1024;
/** What is said about an id longer than this is not kept. */
const LONGEST_ID = 1024;

/** Announcements of requests that have not arrived yet. */
export class Announcements {
  readonly #byId = new Map<IdKey, Announcement>();

  of(id: IdKey): Announcement {
    let announcement = this.#byId.get(id);
    if (announcement === undefined) {
      if (typeof id === "string" && id.length > LONGEST_ID) return { credit: 0, hasInput: false };
      const oldest = this.#byId.size >= MAX_ANNOUNCEMENTS ? this.#byId.keys().next() : undefined;
      if (oldest?.done === false) this.#byId.delete(oldest.value);
      this.#byId.set(id, (announcement = { credit: 0, hasInput: false }));
    }
    return announcement;
  }

  /** What was said of a request; undefined when nothing was, or when it has arrived. */
  get(id: IdKey): Announcement | undefined {
    return this.#byId.get(id);
  }

  take(id: IdKey): Announcement | undefined {
    if (this.#byId.size === 0) return undefined;
    const announcement = this.#byId.get(id);
    this.#byId.delete(id);
    return announcement;
  }
}
