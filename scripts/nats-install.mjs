// npm run nats:install: a nats-server for the tests of packages/nats and for examples/many-machines, which are left out
// without one. The one from PATH, else one that is built once, under node_modules/.cache.

import { findNatsServer, installNatsServer, NATS_SERVER_VERSION } from "./lib/nats-server.mjs";
import { main, step } from "./lib/run.mjs";

await main(async () => {
  if (findNatsServer() === undefined) await step(`installing nats-server ${NATS_SERVER_VERSION}`, installNatsServer);
  console.log(findNatsServer());
});
