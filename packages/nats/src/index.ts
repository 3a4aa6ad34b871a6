/** The public names, one by one. Nothing inside imports this file. */

export type { NatsChannel } from "./caller/nats-channel.js";
export type { NatsOptions } from "./connection.js";
export { createNatsChannel, type NatsChannelOptions } from "./create-nats-channel.js";
export { exposeOverNats, type ExposeOptions } from "./expose-over-nats.js";
export type { Exposed } from "./member/exposure.js";
export type { DeadLetter, Jobs, ResultOptions, SubmitOptions, Submitted } from "./jobs/jobs.js";
export { openJobs, serveJobs, type JobsOptions, type ServeJobsOptions } from "./jobs/open-jobs.js";
export type { ErrorRecord, JobRecord } from "./jobs/records.js";
export type { JobWorker } from "./jobs/worker.js";
export type { EventLog, From, KeptEvent, SubscribeOptions } from "./jobs/event-log.js";
export { openEvents, type EventsOptions } from "./jobs/open-events.js";
