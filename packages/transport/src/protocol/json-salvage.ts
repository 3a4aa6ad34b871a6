import { endOfValue } from "./json-scan.js";

const BEGINNING = '{"jsonrpc"';
/** A text that begins so more often and never turns out to be a message is not searched any further. */
const MAX_ATTEMPTS = 16;

/**
 * Takes messages out of a frame that they are glued into, such as a print without a newline in front of one.
 * @param read gives the message of some bytes, `undefined` when they are none
 * @returns messages and the stray texts between them, in order; a frame without messages comes back as one text
 */
export function salvage<Message>(
  frame: Uint8Array,
  read: (piece: Uint8Array) => Message | undefined,
): (Message | string)[] {
  // One character per byte: a print need not be UTF-8, and must not change where or what a message is.
  const text = new TextDecoder("latin1").decode(frame);
  const strayText = (from: number, to: number): string => new TextDecoder().decode(frame.subarray(from, to));
  const pieces: (Message | string)[] = [];
  let strayFrom = 0;
  let attempts = 0;
  for (let at = text.indexOf(BEGINNING); at !== -1 && attempts < MAX_ATTEMPTS;) {
    const end = endOfValue(text, at);
    const message = read(frame.subarray(at, end));
    if (message === undefined) {
      attempts += 1;
      at = text.indexOf(BEGINNING, at + 1);
      continue;
    }
    if (at > strayFrom) pieces.push(strayText(strayFrom, at));
    pieces.push(message);
    strayFrom = end;
    at = text.indexOf(BEGINNING, end);
  }
  if (strayFrom < text.length) pieces.push(strayText(strayFrom, text.length));
  return pieces;
}
