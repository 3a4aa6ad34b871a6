import type { RequestId } from "../../protocol/contract.js";
import type { Sender } from "../output/sender.js";
import { type AnyIterable } from "../contract/items.js";
import { StreamWriter } from "./stream-writer.js";

/** The streams of inputs that go with requests of this side. */
export class Inputs {
  readonly #sender: Sender;
  readonly #onFailure: (id: number, failure: unknown) => void;
  readonly #writers = new Map<RequestId, StreamWriter>();

  /** @param onFailure called when a source of inputs fails; its request can't be answered then */
  constructor(sender: Sender, onFailure: (id: number, failure: unknown) => void) {
    this.#sender = sender;
    this.#onFailure = onFailure;
  }

  /**
   * Announces inputs for the request that is sent next; they flow when the other side asks. Returns what stops them.
   * @param isWanted asked after the source was opened: that runs code of others, which may settle the request
   */
  open(id: number, source: AnyIterable, isWanted: () => boolean): () => void {
    const writer = new StreamWriter(source, this.#sender.items("input-items", id));
    const stop = (): void => {
      this.#writers.delete(id);
      writer.stop();
    };
    if (!isWanted()) {
      stop();
      return stop;
    }
    try {
      this.#sender.control("input-open", { id });
    } catch (error) {
      stop();
      throw error;
    }
    this.#writers.set(id, writer);
    void this.#run(id, writer);
    return stop;
  }

  /** The other side takes so many inputs more. */
  grant(id: RequestId, count: number): void {
    this.#writers.get(id)?.grant(count);
  }

  async #run(id: number, writer: StreamWriter): Promise<void> {
    const outcome = await writer.run();
    if (outcome === undefined) return;
    this.#writers.delete(id);
    if ("failure" in outcome) this.#onFailure(id, outcome.failure);
    else this.#end(id);
  }

  /** A handler that does not hear of the end waits for ever; so would the request. */
  #end(id: number): void {
    try {
      this.#sender.control("input-end", { id });
    } catch (error) {
      this.#onFailure(id, error);
    }
  }
}
