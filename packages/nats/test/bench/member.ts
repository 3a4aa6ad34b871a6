/** The other side of a measurement: a bare echo, or a member whose worker is in this process. */
import { connect } from "@nats-io/transport-node";
import { createChannel, createMemoryLinks } from "@procwire/transport";
import { exposeOverNats } from "../../src/index.js";

const [, , servers = "", kind = "bare"] = process.argv;

if (kind === "bare") {
  const connection = await connect({ servers });
  connection.subscribe("bare.echo", {
    queue: "bare",
    callback: (_error, message) => {
      message.respond(message.data);
    },
  });
  await connection.flush();
} else {
  const [here, there] = createMemoryLinks();
  createChannel({ link: there }).onRequest("echo", (params: unknown) => params);
  await exposeOverNats(createChannel({ link: here }), { service: "bench", servers });
}
process.on("message", () => process.send?.(process.cpuUsage()));
process.send?.("ready");
