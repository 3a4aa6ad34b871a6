/** The public names, one by one. Nothing inside imports this file. */

export type { NatsChannel } from "./caller/nats-channel.js";
export type { NatsOptions } from "./connection.js";
export { createNatsChannel, type NatsChannelOptions } from "./create-nats-channel.js";
export { exposeOverNats, type ExposeOptions } from "./expose-over-nats.js";
export type { Exposed } from "./member/exposure.js";
