import type { Announcement } from "./announcements.js";
import type { IdKey } from "../records/id-key.js";
import type { Reply } from "./replies.js";
import type { HandlerContext } from "./request-context.js";
import { RequestTable } from "../records/request-table.js";
import type { StreamReader } from "../streams/stream-reader.js";
import type { StreamWriter } from "../streams/stream-writer.js";

/** A request whose handler has not finished. */
export interface Running {
  /** The request's id, as ids are compared. */
  readonly id: IdKey;
  readonly context: HandlerContext;
  readonly reply: Reply;
  /** The size of the frame that it came in. */
  readonly bytes: number;
  readonly announcement: Announcement | undefined;
  input: StreamReader<unknown> | undefined;
  output: StreamWriter | undefined;
}

type Numbered = Running & { readonly id: number };

/**
 * Requests whose handlers have not finished, by the ids that the other side chose. Most sides count, and numbers have
 * places in a table; ids of other kinds are kept in a map.
 */
export class RunningRequests {
  readonly #numbered = new RequestTable<Numbered>();
  readonly #others = new Map<IdKey, Running>();

  get size(): number {
    return this.#numbered.size + this.#others.size;
  }

  get(id: IdKey): Running | undefined {
    return typeof id === "number" ? this.#numbered.get(id) : this.#others.get(id);
  }

  add(running: Running): void {
    if (isNumbered(running)) this.#numbered.add(running);
    else this.#others.set(running.id, running);
  }

  /** False when it is not there any more, or never was. */
  remove(running: Running): boolean {
    if (this.get(running.id) !== running) return false;
    if (isNumbered(running)) this.#numbered.take(running.id);
    else this.#others.delete(running.id);
    return true;
  }

  all(): Running[] {
    return [...this.#numbered.all(), ...this.#others.values()];
  }
}

function isNumbered(running: Running): running is Numbered {
  return typeof running.id === "number";
}

/** Nobody waits for its answer any more. */
export function stop(running: Running, reason: unknown): void {
  running.output?.stop();
  running.input?.fail(reason);
  running.context.abort(reason);
}
