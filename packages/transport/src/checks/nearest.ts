/** A beginning of a name counts as near from so many characters on. */
const LEAST_BEGINNING = 3;

/** The name that somebody may have meant who wrote `given`; `undefined` where none is near. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const name of names) {
    const distance = distanceOf(wanted, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return least <= Math.max(1, Math.floor(wanted.length / 3)) ? best : beginning(wanted, names);
}

/** `time` may mean `timeout`, and `timeoutMs` as well. */
function beginning(wanted: string, names: readonly string[]): string | undefined {
  if (wanted.length < LEAST_BEGINNING) return undefined;
  return names.find((name) => {
    const other = name.toLowerCase();
    return other.startsWith(wanted) || (other.length >= LEAST_BEGINNING && wanted.startsWith(other));
  });
}

/** How many characters have to be put in, left out, replaced or swapped with their neighbour. */
function distanceOf(one: string, other: string): number {
  // Nobody means a short name by a very long one, and the table grows with both.
  if (Math.abs(one.length - other.length) > 10) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let at = 1; at <= other.length; at++) {
      const isSame = one[row - 1] === other[at - 1];
      let least = Math.min((last[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1, (last[at - 1] ?? 0) + (isSame ? 0 : 1));
      const isSwapped = at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      if (isSwapped) least = Math.min(least, (before[at - 2] ?? Infinity) + 1);
      next.push(least);
    }
    [before, last] = [last, next];
  }
  return last[other.length] ?? Infinity;
}
