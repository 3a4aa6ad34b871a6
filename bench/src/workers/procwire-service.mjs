// The Node worker's methods, served by `listen`: procwire-service.mjs OPTIONS. It tells its address, and ends with its input.

import { listen } from "@procwire/transport";
import { counting, methods } from "./methods.mjs";

const { note, ...requests } = methods;

const options = /** @type {import("@procwire/transport").ListenOptions} */ (JSON.parse(process.argv[2] ?? "{}"));

const service = await listen(
  { ...requests, count: (/** @type {{ to: number }} */ { to }) => counting(to) },
  {
    ...options,
    onConnection: (channel) => channel.onNotification("note", (params) => note?.(params)),
  },
);
console.log(JSON.stringify(service.address));
process.stdin.resume().once("end", () => void service.close());
