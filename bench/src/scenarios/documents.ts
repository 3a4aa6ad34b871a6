import { isDeepStrictEqual } from "node:util";
import { assertCan, type Capable, type Session } from "../rivals/contract.js";
import type { Figures, Lap, Scenario } from "./contract.js";
import { makeDocument, type Shape } from "./document-shapes.js";

const CALLERS = 16;

/** A document as users send them, there and back, 16 in flight. */
class DocumentEcho implements Scenario {
  readonly id: string;
  readonly section = "Documents";
  readonly title: string;
  readonly unit = "/s";
  readonly better = "more";
  readonly headline = "rate";
  readonly needs = "document";
  readonly overlaps = true;
  readonly pinned = false;
  readonly quick = ["hand-loop", "hand-loop-polling", "procwire", "vscode-jsonrpc", "node-ipc-json"];
  readonly #document: object;

  constructor(shape: Shape, title: string, script: "ascii" | "unicode") {
    this.id = `doc-${shape}${script === "unicode" ? "-unicode" : ""}`;
    this.#document = makeDocument(shape, script);
    const bytes = Buffer.byteLength(JSON.stringify(this.#document));
    this.title = `${title}, ${bytes < 1000 ? `${bytes} B` : `${Math.round(bytes / 1000)} KB`}`;
  }

  async lap(session: Session, { milliseconds, maxCalls }: Lap): Promise<Figures> {
    assertCan(session, "echo");
    const answer = await session.echo(this.#document);
    if (!isDeepStrictEqual(answer, this.#document)) throw new Error(`a wrong answer to ${this.id}`);
    const work = new Work(session, this.#document, maxCalls);
    const timer = setTimeout(() => {
      work.stop();
    }, milliseconds);
    const started = performance.now();
    await Promise.all(Array.from({ length: CALLERS }, () => work.caller()));
    const seconds = (performance.now() - started) / 1000;
    clearTimeout(timer);
    return { rate: work.answered / seconds, calls: work.answered };
  }
}

class Work {
  answered = 0;
  readonly #session: Capable<"echo">;
  readonly #document: object;
  readonly #members: number;
  readonly #maxCalls: number;
  #stopped = false;

  constructor(session: Capable<"echo">, document: object, maxCalls: number) {
    this.#session = session;
    this.#document = document;
    this.#members = Object.keys(document).length;
    this.#maxCalls = maxCalls;
  }

  stop(): void {
    this.#stopped = true;
  }

  async caller(): Promise<void> {
    while (!this.#stopped && this.answered < this.#maxCalls) {
      const answer = await this.#session.echo(this.#document);
      if (Object.keys(answer).length !== this.#members) throw new Error("a wrong answer");
      this.answered += 1;
    }
  }
}

/** Made by a seed, so that each run and each process has the same ones. */
export const documents: readonly Scenario[] = [
  new DocumentEcho("small", "small, with null", "ascii"),
  new DocumentEcho("chat", "chat", "ascii"),
  new DocumentEcho("chat", "chat, Unicode", "unicode"),
  new DocumentEcho("rows", "rows", "ascii"),
  new DocumentEcho("rows", "rows, Unicode", "unicode"),
  new DocumentEcho("tree", "tree", "ascii"),
  new DocumentEcho("tree", "tree, Unicode", "unicode"),
];
