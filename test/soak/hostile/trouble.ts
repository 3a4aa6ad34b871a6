import { inWords, isHostile } from "./book.js";

const EVENTS = ["unhandledRejection", "uncaughtException", "warning"] as const;

/** What reaches the process although it should not. */
export class Trouble {
  #heard: string[] = [];
  readonly #listeners = EVENTS.map((event) => {
    const listener = (what: unknown): void => {
      this.#heard.push(`${event}: ${isHostile(what) ? "what hostile code has thrown" : inWords(what)}`);
    };
    return { event, listener };
  });

  start(): void {
    for (const { event, listener } of this.#listeners) process.on(event, listener);
  }

  stop(): void {
    for (const { event, listener } of this.#listeners) process.off(event, listener);
  }

  /** What was heard since it was asked last. A rejection is unhandled when nobody took it by the end of its turn. */
  async take(): Promise<string[]> {
    for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
    return this.takeNow();
  }

  takeNow(): string[] {
    const heard = [...new Set(this.#heard)];
    this.#heard = [];
    return heard;
  }
}
