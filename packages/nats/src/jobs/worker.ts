import { jetstream, type Consumer, type JetStreamClient, type JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ChannelError, JsonRpcErrorCode, RpcError, type Channel } from "@procwire/transport";
import { reasonOf } from "@procwire/transport/extend";
import { settle } from "./jobs.js";
import type { JobNames } from "./names.js";
import { errorRecord, readJob, type JobRecord, type OutcomeRecord } from "./records.js";
import { ACK_WAIT_MS } from "./streams.js";

export interface JobWorkerOptions {
  readonly connection: NatsConnection;
  readonly names: JobNames;
  readonly target: Channel;
  readonly maxInFlight: number;
  readonly attempts: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** What a job may take, in milliseconds; 0 for any time. */
  readonly timeout: number;
  readonly release: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** While a job runs the server hears of it so often; after `ACK_WAIT_MS` without a word it goes to another worker. */
const HEARTBEAT_MS = ACK_WAIT_MS / 3;
/** For how long the server is asked for a job, each time. */
const ASK_MS = 5_000;
/** A job that is given back by a worker that leaves: by then the server knows that it has left. */
const LEAVE_MS = 500;
/** Before it is asked again after a failure. */
const PAUSE_MS = 200;
const MAX_DOUBLINGS = 30;

/** Does the jobs of a service by a channel. See `serveJobs`. */
export class JobWorker {
  /** Jobs that were done, given up, and seen again although they had their outcome. */
  readonly counts: { done: number; dead: number; duplicates: number } = { done: 0, dead: 0, duplicates: 0 };
  readonly #options: JobWorkerOptions;
  readonly #client: JetStreamClient;
  readonly #running = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
    this.#client = jetstream(options.connection);
  }

  async start(): Promise<void> {
    const { names, maxInFlight, target } = this.#options;
    // A channel that has ended does no job: each is left to other workers.
    void target.closed.then(() => this.close());
    for (const { name, isOrdered } of names.lanes) {
      const consumer = await this.#client.consumers.get(names.jobs, name);
      for (let place = 0; place < (isOrdered ? 1 : maxInFlight); place++) void this.#work(consumer);
    }
  }

  /** Takes no more jobs, and waits for those that run. The channel stays open. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await Promise.all(this.#running);
    const { connection, release } = this.#options;
    if (!connection.isClosed()) await connection.flush();
    await release();
  }

  /** One job after the other. None is taken before it can be done: while it waited it would count as forgotten. */
  async #work(consumer: Consumer): Promise<void> {
    while (this.#closing === undefined) {
      const message = await this.#next(consumer);
      if (message === null) continue;
      const work = this.#take(message);
      this.#running.add(work);
      await work;
      this.#running.delete(work);
    }
  }

  async #next(consumer: Consumer): Promise<JsMsg | null> {
    try {
      return await consumer.next({ expires: ASK_MS });
    } catch (error) {
      if (this.#closing === undefined) {
        this.#options.onError(error);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
      return null;
    }
  }

  async #take(message: JsMsg): Promise<void> {
    // It has come too late.
    if (this.#closing === undefined) await this.#do(message);
    else message.nak(LEAVE_MS);
  }

  /** Throws nothing: what can't be said to the server comes again, after a while. */
  async #do(message: JsMsg): Promise<void> {
    const job = readJob(message.string());
    if (job === undefined) {
      message.term("no job");
      this.#options.onError(new ChannelError("MESSAGE_MALFORMED", `There is no job in ${message.subject}.`));
      return;
    }
    const abort = new AbortController();
    const cancel = this.#options.connection.subscribe(this.#options.names.cancel(job.id), {
      callback: () => {
        abort.abort(new RpcError(JsonRpcErrorCode.requestCancelled, "The job was cancelled."));
      },
    });
    const heartbeat = setInterval(() => {
      message.working();
    }, HEARTBEAT_MS);
    try {
      await this.#attempt(message, job, abort.signal);
    } catch (error) {
      this.#options.onError(error);
      message.nak(this.#delayOf(message.info.deliveryCount));
    } finally {
      clearInterval(heartbeat);
      cancel.unsubscribe();
    }
  }

  async #attempt(message: JsMsg, job: JobRecord, signal: AbortSignal): Promise<void> {
    const { target, timeout } = this.#options;
    if (await this.#isSettled(job.id)) {
      this.counts.duplicates += 1;
      message.ack();
      return;
    }
    const { id, method, params } = job;
    let outcome: OutcomeRecord;
    try {
      const result: unknown = await target.request(method, params, { signal, timeout, idempotent: true });
      outcome = { id, method, result: result === undefined ? null : result };
    } catch (error) {
      if (signal.aborted) message.ack();
      else await this.#failed(message, job, error);
      return;
    }
    await this.#settle(message, job, outcome);
    this.counts.done += 1;
  }

  /** The outcome is kept before the job is acknowledged: a job is done at least once. */
  async #settle(message: JsMsg, { id }: JobRecord, outcome: OutcomeRecord): Promise<void> {
    if (!(await settle(this.#client, this.#options.names, id, outcome))) this.counts.duplicates += 1;
    await message.ackAck();
  }

  async #failed(message: JsMsg, job: JobRecord, thrown: unknown): Promise<void> {
    const { attempts, names, target } = this.#options;
    const { deliveryCount } = message.info;
    if (target.state === "closing" || target.state === "closed") {
      void this.close();
      message.nak(LEAVE_MS);
      return;
    }
    const error = asError(thrown);
    if (mayPass(error) && deliveryCount < attempts) {
      message.nak(this.#delayOf(deliveryCount));
      return;
    }
    const cause = errorRecord(error);
    const letter = { ...job, cause, attempts: deliveryCount, at: new Date().toISOString() };
    await this.#client.publish(names.deadLetter(job.id), JSON.stringify(letter), { msgID: `dead ${job.id}` });
    await this.#settle(message, job, { id: job.id, method: job.method, error: cause });
    this.counts.dead += 1;
  }

  async #isSettled(id: string): Promise<boolean> {
    const manager = await this.#client.jetstreamManager();
    const { names } = this.#options;
    return (await manager.streams.getMessage(names.results, { last_by_subj: names.result(id) })) !== null;
  }

  #delayOf(attempt: number): number {
    const { minDelayMs, maxDelayMs } = this.#options;
    const bound = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(attempt, MAX_DOUBLINGS));
    return minDelayMs + Math.random() * (bound - minDelayMs);
  }
}

/** A method that answers with a code of its own has answered. One that throws, or dies, may do better the next time. */
function mayPass(error: RpcError | ChannelError): boolean {
  if (!(error instanceof RpcError)) return !["ENCODE_FAILED", "MESSAGE_TOO_LARGE", "QUARANTINED"].includes(error.code);
  const { internalError, busy, deadlineExceeded } = JsonRpcErrorCode;
  return [internalError, busy, deadlineExceeded].some((code) => code === error.code);
}

function asError(thrown: unknown): RpcError | ChannelError {
  if (thrown instanceof RpcError || thrown instanceof ChannelError) return thrown;
  return new ChannelError("ENCODE_FAILED", reasonOf(thrown), { cause: thrown });
}
