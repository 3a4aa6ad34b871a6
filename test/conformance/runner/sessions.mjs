// The sessions: those written for this, and the shared vectors, each of which is a short session.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @typedef {import("./play.mjs").Session} Session */
/** @typedef {{ name: string, in?: string, inHex?: string, hex?: string, out: unknown }} VectorCase */

const here = fileURLToPath(new URL("../sessions", import.meta.url));
const vectors = fileURLToPath(new URL("../../vectors", import.meta.url));

/** @returns {Session[]} */
export function readSessions() {
  const files = readdirSync(here).sort();
  const written = files.flatMap((file) => {
    const group = file.replace(/\.json$/, "");
    /** @type {{ sessions: Session[] }} */
    const { sessions } = JSON.parse(readFileSync(`${here}/${file}`, "utf8"));
    return sessions.map((session) => ({ ...session, name: `${group}: ${session.name}` }));
  });
  return [...written, ...readVectors("json-rpc", "json"), ...readVectors("msgpack", "msgpack")];
}

/**
 * @param {string} file
 * @param {string} codec
 * @returns {Session[]}
 */
function readVectors(file, codec) {
  /** @type {{ cases: VectorCase[] }} */
  const { cases } = JSON.parse(readFileSync(`${vectors}/${file}.json`, "utf8"));
  return cases.map((vector) => ({
    name: `vectors/${file}: ${vector.name}`,
    rule: `test/vectors/${file}.json`,
    codec,
    steps: [
      vector.in === undefined ? { sendHex: vector.inHex ?? vector.hex } : { sendText: vector.in },
      ...(vector.out === null ? [] : [{ expect: [messageOf(vector.out)] }]),
      { quiet: true },
    ],
  }));
}

/**
 * In a vector an error is its code alone.
 * @param {any} out
 * @returns {unknown}
 */
function messageOf(out) {
  if (Array.isArray(out)) return out.map(messageOf);
  const { id, result, error } = out;
  return error === undefined ? { jsonrpc: "2.0", id, result } : { jsonrpc: "2.0", id, error: { code: error } };
}

/**
 * @param {Session} session
 * @param {import("./wire.mjs").Variant} variant
 * @param {string} level
 */
export function isMeant(session, variant, level) {
  return (
    (session.framing ?? variant.framing) === variant.framing &&
    (session.codec ?? variant.codec) === variant.codec &&
    (level === "full" || session.level === "base")
  );
}
