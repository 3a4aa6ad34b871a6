/** What a stream gave: its items, and how it ended. */
export interface Read<Item> {
  readonly items: Item[];
  /** What the generator returned; `undefined` when it failed. */
  readonly result?: unknown;
  /** What the stream failed with. */
  readonly error?: unknown;
}

/** Reads a stream to its end, whatever the end is. */
export async function readAll<Item>(stream: AsyncIterator<Item, unknown>): Promise<Read<Item>> {
  const items: Item[] = [];
  try {
    for (;;) {
      const step = await stream.next();
      if (step.done === true) return { items, result: step.value };
      items.push(step.value);
    }
  } catch (error) {
    return { items, error };
  }
}

/** Reads so many items and no more. */
export async function readSome<Item>(stream: AsyncIterator<Item>, count: number): Promise<Item[]> {
  const items: Item[] = [];
  while (items.length < count) {
    const step = await stream.next();
    if (step.done === true) throw new Error(`the stream ended after ${items.length} items`);
    items.push(step.value);
  }
  return items;
}

/** A generator that tells how far it is and whether it was ended. */
export class Source {
  /** How many items it was asked for. */
  made = 0;
  isOver = false;

  async *count(to: number): AsyncGenerator<number, string> {
    try {
      while (this.made < to) {
        this.made += 1;
        yield this.made;
      }
      return "done";
    } finally {
      this.isOver = true;
    }
  }
}

/** Lets everything happen that can happen without a timer or a process. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
