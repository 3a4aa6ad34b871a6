const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a over the UTF-16 units, and mixed: names that differ in the last letter must not be neighbours. */
function hash(text: string): number {
  let value = OFFSET;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), PRIME);
  return value;
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Which of the places a key belongs to, by rendezvous hashing: each place has a weight for the key, and the highest wins.
 * So a place that comes takes its share of the keys from all others, one that goes gives its own to all others, and no
 * other key moves. The number 1 and the text "1" are the same key.
 *
 * @param places numbers that differ, at least one
 */
export function placeOf(key: string | number, places: readonly number[]): number {
  const keyHash = hash(String(key));
  let best = -1;
  let highest = -1;
  for (const place of places) {
    const weight = mix(keyHash ^ Math.imul(place + 1, 0x9e3779b1));
    if (weight > highest) {
      highest = weight;
      best = place;
    }
  }
  return best;
}
