// What Rust talks to: it answers each message, and says goodbye after the fifth.

import { serveStdio } from "@procwire/transport/worker";

let count = 0;

serveStdio({
  /** @param {{ msg_type: string, data: string }} message */
  async message({ msg_type: type, data }, context) {
    if (type === "greeting") return { msg_type: "response", data: "Hello from TypeScript!" };
    count += 1;
    if (count === 5) await context.notify("message", { msg_type: "exit", data: "Goodbye from TypeScript!" });
    return { msg_type: "ack", data: `Acknowledged: ${data}` };
  },
});
