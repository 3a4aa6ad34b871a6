import { endOfValue } from "./json-scan.js";

const BEGINNING = '{"jsonrpc"';
/** A text that begins so more often and never turns out to be a message is not searched any further. */
const MAX_ATTEMPTS = 16;

/**
 * Takes messages out of a text that they are glued to, such as a print without a newline in front of one.
 * @param read gives the message of a text, `undefined` when it is none
 * @returns messages and the stray texts between them, in order; a text without messages comes back whole
 */
export function salvage<Message>(text: string, read: (piece: string) => Message | undefined): (Message | string)[] {
  const pieces: (Message | string)[] = [];
  let strayFrom = 0;
  let attempts = 0;
  for (let at = text.indexOf(BEGINNING); at !== -1 && attempts < MAX_ATTEMPTS;) {
    const end = endOfValue(text, at);
    const message = read(text.slice(at, end));
    if (message === undefined) {
      attempts += 1;
      at = text.indexOf(BEGINNING, at + 1);
      continue;
    }
    if (at > strayFrom) pieces.push(text.slice(strayFrom, at));
    pieces.push(message);
    strayFrom = end;
    at = text.indexOf(BEGINNING, end);
  }
  if (strayFrom < text.length) pieces.push(text.slice(strayFrom));
  return pieces;
}
