/** A client in a process of its own: load.ts ADDRESS MILLISECONDS. It prints how many requests were answered. */

import { strict as assert } from "node:assert";
import { Agent, get } from "node:http";

const [address = "", milliseconds = ""] = process.argv.slice(2);
const CONNECTIONS = 16;
/** Two primes of seven digits: half a million divisions for whoever knows no better. */
const N = 1_000_003 * 1_000_033;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const end = performance.now() + Number(milliseconds);
let answered = 0;

async function askOnAndOn(who: number): Promise<void> {
  for (let n = who; performance.now() < end; n += 1) {
    // Three small ones for each large one.
    if (n % 4 === 0) assert.deepEqual(await ask(`/factorize?n=${N}`), [1_000_003, 1_000_033]);
    else assert.match(String(await ask(`/hash?data=order-${n}`)), /^[0-9a-f]{64}$/);
    answered += 1;
  }
}

function ask(path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    get(`${address}${path}`, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        resolve(JSON.parse(text));
      });
    }).on("error", reject);
  });
}

await Promise.all(Array.from({ length: CONNECTIONS }, (_, who) => askOnAndOn(who)));
agent.destroy();
console.log(answered);
