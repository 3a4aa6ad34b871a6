// What holds for channels holds for those over sockets, local ones and of TCP.

import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createChannel } from "@procwire/transport";
import { beforeEach, describe, onTestFinished } from "vitest";
import { SocketLink } from "../../packages/transport/src/node/sockets/socket-link.js";
import type { Pair } from "../../packages/transport/test/support/channels.js";
import { CheckedLink } from "../../packages/transport/test/support/checked-link.js";
import { describeHostileHandlers } from "../../packages/transport/test/support/hostile-suite.js";
import { expectNoTrouble } from "../support/nothing-left.js";
import { useOwnRegistry } from "./support/registry.js";

expectNoTrouble();
const folder = useOwnRegistry();

/** The two ends of a connection. */
async function connected(place: object): Promise<[Socket, Socket]> {
  const server: Server = createServer({ noDelay: true });
  await new Promise<void>((resolve) => server.listen(place, resolve));
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const address = server.address();
  const client = connect(typeof address === "string" ? { path: address } : { port: address!.port });
  await new Promise((resolve) => client.once("connect", resolve));
  const other = await accepted;
  server.close();
  return [client, other];
}

describe.each([
  ["a local socket", { path: join(folder.path, "pair.sock") }],
  ["TCP", { port: 0, host: "127.0.0.1" }],
])("over %s", (name, place) => {
  let ends: [Socket, Socket];
  beforeEach(async () => {
    ends = await connected(place);
  });

  const open = (left: object, right: object): Pair => {
    const [near, far] = ends;
    const pair = {
      left: createChannel({ ...left, link: new CheckedLink(new SocketLink(near, "the service", 50), left) }),
      right: createChannel({
        answersUnreadable: true,
        ...right,
        link: new CheckedLink(new SocketLink(far, "the client", 50), right),
      }),
    };
    onTestFinished(async () => {
      await Promise.all([pair.left.close(), pair.right.close()]);
    });
    return pair;
  };

  describeHostileHandlers(`JSON over ${name}`, () => ({}), open);
});
