import { afterAll, beforeAll, describe } from "vitest";
import { findNatsServer, startNatsServer, type NatsServer } from "../../../../scripts/lib/nats-server.mjs";

const isThere = findNatsServer() !== undefined;

/** Tests that need a nats-server: left out, in words, where none is installed. They get one of their own. */
export function describeWithServer(
  name: string,
  tests: (server: () => NatsServer) => void,
  configuration?: string,
): void {
  if (!isThere) {
    describe.skip(`${name} (left out: there is no nats-server; npm run nats:install)`, () => {
      tests(() => {
        throw new Error("There is no nats-server.");
      });
    });
    return;
  }
  describe(name, () => {
    let server: NatsServer | undefined;
    beforeAll(async () => {
      server = await startNatsServer(configuration);
    });
    afterAll(async () => {
      await server?.remove();
    });
    tests(() => {
      if (server === undefined) throw new Error("The nats-server has not started.");
      return server;
    });
  });
}
