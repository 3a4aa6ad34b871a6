/** Documents in the shapes that users send, made by a seed. */

export type Shape = "small" | "chat" | "rows" | "tree";
type Script = "ascii" | "unicode";

const SEED = 0x5eed;

const WORDS: Record<Script, readonly string[]> = {
  ascii: "the quick report says that every order of last week was shipped on time and nothing came back".split(" "),
  unicode: "le café était fermé, größer 東京 данные naïve señor 🙂 report order week shipped time back on".split(" "),
};

const NAMES: Record<Script, readonly string[]> = {
  ascii: ["Ada Moore", "Ben Hill", "Cleo Park", "Dan Ford", "Eve Stone"],
  unicode: ["Zoë Müller", "José Peña", "山田太郎", "Åsa Öberg", "Łukasz Żak"],
};

export function makeDocument(shape: Shape, script: Script): object {
  const maker = new Maker(script);
  if (shape === "small") return { user: { id: 7, name: null }, ok: true, tags: ["a", "b"] };
  if (shape === "chat") return { model: "m-1", messages: listOf(8, (at) => maker.message(at)) };
  if (shape === "rows") return { rows: listOf(330, (at) => maker.row(at)), next: null };
  return maker.node(6);
}

class Maker {
  readonly #script: Script;
  #state = SEED;

  constructor(script: Script) {
    this.#script = script;
  }

  /** What a person writes: quotes, line feeds, sometimes a path with backslashes. */
  message(at: number): object {
    const content = listOf(10, () => `${this.#words(7)} "${this.#words(2)}"${this.#below(3) === 0 ? "\n" : "."}`);
    return { role: at % 2 === 0 ? "user" : "assistant", content: content.join(" "), at: 1_750_000_000 + at * 61 };
  }

  row(at: number): object {
    return {
      id: at + 1,
      name: pick(NAMES[this.#script], this.#below(5)),
      active: this.#below(2) === 0,
      score: this.#below(100_000) / 100,
      team: this.#below(4) === 0 ? null : `team-${this.#below(20)}`,
      tags: [this.#words(1), this.#words(1)],
      note: this.#words(4),
    };
  }

  node(levels: number): object {
    return {
      key: `n${this.#below(1_000_000)}`,
      label: this.#words(3),
      weight: this.#below(1_000) / 8,
      parent: levels % 2 === 0 ? null : { ref: this.#below(1_000) },
      children: levels === 0 ? [] : listOf(levels > 4 ? 4 : 3, () => this.node(levels - 1)),
    };
  }

  #words(count: number): string {
    const words = WORDS[this.#script];
    return listOf(count, () => pick(words, this.#below(words.length))).join(" ");
  }

  /** A linear congruential generator, by its upper bits. */
  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
}

function listOf<Item>(length: number, make: (at: number) => Item): Item[] {
  return Array.from({ length }, (_, at) => make(at));
}

function pick(from: readonly string[], at: number): string {
  return from[at % from.length] ?? "";
}
