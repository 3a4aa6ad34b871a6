// The same conversation over bare lines of {"msg_type", "data"}, with nothing but Node.

import { createInterface } from "node:readline";

/** @param {{ msg_type: string, data: string }} message */
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
let count = 0;

for await (const line of createInterface({ input: process.stdin })) {
  /** @type {unknown} */
  const message = JSON.parse(line);
  const { msg_type: type, data } = /** @type {{ msg_type: string, data: string }} */ (message);
  if (type === "greeting") {
    say({ msg_type: "response", data: "Hello from TypeScript!" });
    continue;
  }
  say({ msg_type: "ack", data: `Acknowledged: ${data}` });
  count += 1;
  if (count === 5) {
    say({ msg_type: "exit", data: "Goodbye from TypeScript!" });
    break;
  }
}
process.exit(0);
