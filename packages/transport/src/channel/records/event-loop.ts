/** A timer of the web comes after a millisecond at the soonest; Node has something that comes at once. */
const schedule: (callback: () => void) => unknown =
  (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate ?? setTimeout;
/** So long may all streams of this process pump in one turn of the event loop. */
const SLICE_MS = 5;

let sliceEnd = 0;
/** Resolves in the next turn; there while something has pumped in this one. */
let nextTurn: Promise<void> | undefined;

/**
 * For loops that other sides keep going by microtasks alone: a promise of the next turn of the event loop, to be awaited,
 * when such loops have run for long enough in this one; `undefined` while there is time. One slice is shared by all,
 * because a thousand streams are as long as one of a thousand slices.
 */
export function pauseForOthers(now: number): Promise<void> | undefined {
  if (nextTurn === undefined) {
    sliceEnd = now + SLICE_MS;
    nextTurn = new Promise((resolve) => {
      schedule(() => {
        nextTurn = undefined;
        resolve();
      });
    });
  }
  return now < sliceEnd ? undefined : nextTurn;
}
