/** Something that waits: the higher its priority, and then the lower its order, the sooner it leaves. */
interface Entry<Item> {
  readonly item: Item;
  readonly priority: number;
  readonly order: number;
}

/** Entries of one priority, first come first. */
interface Level<Item> {
  readonly priority: number;
  entries: Entry<Item>[];
  head: number;
}

/** Of so many entries that have left a level, the list is cut. */
const CUT_AT = 1_024;

/** One line of things that wait. */
export class Lane<Item> {
  /** The highest priority first; each has entries. */
  readonly #levels: Level<Item>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param order counts up, but for what comes back */
  add(entry: Entry<Item>): void {
    const { entries, head } = this.#levelOf(entry.priority);
    let at = entries.length;
    while (at > head && (entries[at - 1]?.order ?? 0) > entry.order) at -= 1;
    if (at === entries.length) entries.push(entry);
    else entries.splice(at, 0, entry);
    this.#size += 1;
  }

  first(): Entry<Item> | undefined {
    const level = this.#levels[0];
    return level?.entries[level.head];
  }

  shift(): void {
    const level = this.#levels[0];
    if (level === undefined) return;
    level.head += 1;
    this.#size -= 1;
    if (level.head === level.entries.length) this.#levels.shift();
    else if (level.head === CUT_AT) {
      level.entries = level.entries.slice(CUT_AT);
      level.head = 0;
    }
  }

  /** All that wait, in their order. */
  takeAll(): Entry<Item>[] {
    this.#size = 0;
    return this.#levels.splice(0).flatMap(({ entries, head }) => entries.slice(head));
  }

  #levelOf(priority: number): Level<Item> {
    const found = this.#levels.find((level) => level.priority === priority);
    if (found !== undefined) return found;
    const level: Level<Item> = { priority, entries: [], head: 0 };
    const at = this.#levels.findIndex((other) => other.priority < priority);
    this.#levels.splice(at < 0 ? this.#levels.length : at, 0, level);
    return level;
  }
}

/** Whether the first leaves before the second. */
export function isBefore(one: Entry<unknown>, other: Entry<unknown> | undefined): boolean {
  if (other === undefined) return true;
  return one.priority === other.priority ? one.order < other.order : one.priority > other.priority;
}
