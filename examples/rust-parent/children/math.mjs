import { serveStdio } from "@procwire/transport/worker";

serveStdio({
  /** @param {[number, number]} numbers */
  add: ([a, b]) => a + b,
});
