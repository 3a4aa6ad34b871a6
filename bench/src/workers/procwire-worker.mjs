// A worker on our own worker side in Node.

import { serveStdio } from "@procwire/transport";
import { counting, methods } from "./methods.mjs";

const { note, ...requests } = methods;

const channel = serveStdio({
  ...requests,
  count: (/** @type {{ to: number }} */ { to }) => counting(to),
});
channel.onNotification("note", (params) => note?.(params));
