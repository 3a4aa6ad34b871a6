import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { nuid, type NatsConnection } from "@nats-io/transport-node";
import { ChannelError, JsonRpcErrorCode, RpcError } from "@procwire/transport";
import { reasonOf } from "@procwire/transport/extend";
import type { JobNames } from "./names.js";
import { errorOf, readOutcome, type ErrorRecord, type JobRecord, type OutcomeRecord } from "./records.js";
import { waitForOutcome } from "./wait-for-outcome.js";

export interface SubmitOptions {
  /** A name of the job's own: the second job of one name is not done again. Default a new one. */
  readonly id?: string | undefined;
  /** Jobs of one key are done one after the other, in the order in which they were submitted. */
  readonly key?: string | undefined;
}

export interface Submitted {
  readonly id: string;
  /** There was a job of this id. */
  readonly isDuplicate: boolean;
}

export interface ResultOptions {
  /** Milliseconds; absent for as long as it takes. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A job that was given up. */
export interface DeadLetter extends JobRecord {
  readonly cause: ErrorRecord;
  readonly attempts: number;
  /** When, in the form of ISO 8601. */
  readonly at: string;
}

const ATTEMPTS = 3;
/** How long the server may take to hand letters out. */
const FETCH_MS = 5_000;

/** Jobs of a service: kept by the NATS server until they are done. See `openJobs`. */
export class Jobs {
  readonly #connection: NatsConnection;
  readonly #names: JobNames;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #release: () => Promise<void>;

  private constructor(
    connection: NatsConnection,
    names: JobNames,
    manager: JetStreamManager,
    release: () => Promise<void>,
  ) {
    this.#connection = connection;
    this.#names = names;
    this.#client = jetstream(connection);
    this.#manager = manager;
    this.#release = release;
  }

  /** Called by `openJobs`. */
  static async open(connection: NatsConnection, names: JobNames, release: () => Promise<void>): Promise<Jobs> {
    return new Jobs(connection, names, await jetstreamManager(connection), release);
  }

  /**
   * Hands a job over to the server. Resolves when it is kept there. Rejects with `OVERLOADED` when as many wait as may,
   * and with `CONNECT_FAILED` when the server can't be reached; to submit it again by the same `id` does no harm.
   */
  async submit(method: string, params?: object, options: SubmitOptions = {}): Promise<Submitted> {
    const { id = nuid.next(), key } = options;
    const record: JobRecord = params === undefined ? { id, method } : { id, method, params };
    const kept = await this.#outcome(id);
    if (kept !== undefined) return { id, isDuplicate: true };
    try {
      const body = encode(method, record);
      const { duplicate } = await this.#client.publish(this.#names.job(id, key), body, {
        msgID: id,
        retries: ATTEMPTS,
      });
      return { id, isDuplicate: duplicate };
    } catch (error) {
      throw submitError(method, error);
    }
  }

  /** The result of a job, whoever has submitted it. Rejects with what the method has answered, or what kept it from that. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  async result<Result = any>(id: string, options: ResultOptions = {}): Promise<Result> {
    const outcome = await waitForOutcome(
      { connection: this.#connection, subject: this.#names.result(id), look: () => this.#outcome(id) },
      options,
      id,
    );
    if ("error" in outcome) throw errorOf(outcome.error, outcome.method);
    return outcome.result as Result;
  }

  /** Submits a job and waits for its result. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  async run<Result = any>(
    method: string,
    params?: object,
    options: SubmitOptions & ResultOptions = {},
  ): Promise<Result> {
    const { id } = await this.submit(method, params, options);
    return this.result<Result>(id, options);
  }

  /** False when the job has its outcome already. A worker that has it is told; one that gets it later drops it. */
  async cancel(id: string): Promise<boolean> {
    const error = { code: JsonRpcErrorCode.requestCancelled, message: "The job was cancelled." };
    const record: OutcomeRecord = { id, method: "", error, isCancelled: true };
    const isFirst = await this.#settle(id, record);
    if (isFirst) this.#connection.publish(this.#names.cancel(id), "");
    return isFirst;
  }

  /** How many jobs wait or run, how many outcomes are kept, and how many jobs were given up. */
  async counts(): Promise<{ readonly queued: number; readonly results: number; readonly dead: number }> {
    const [jobs, results, dead] = await Promise.all(
      [this.#names.jobs, this.#names.results, this.#names.dead].map((name) => this.#manager.streams.info(name)),
    );
    return {
      queued: jobs?.state.messages ?? 0,
      results: results?.state.messages ?? 0,
      dead: dead?.state.messages ?? 0,
    };
  }

  /** Jobs that were given up, the oldest first, each with its cause. */
  async deadLetters(most = 100): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    const consumer = await this.#client.consumers.get(this.#names.dead, { name_prefix: `dead_${nuid.next()}` });
    const { num_pending: pending } = await consumer.info();
    if (pending === 0) return letters;
    for await (const message of await consumer.fetch({ max_messages: Math.min(most, pending), expires: FETCH_MS })) {
      letters.push(message.json<DeadLetter>());
    }
    return letters;
  }

  close(): Promise<void> {
    return this.#release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #outcome(id: string): Promise<OutcomeRecord | undefined> {
    const message = await this.#manager.streams.getMessage(this.#names.results, {
      last_by_subj: this.#names.result(id),
    });
    return message === null ? undefined : readOutcome(message.string());
  }

  #settle(id: string, record: OutcomeRecord): Promise<boolean> {
    return settle(this.#client, this.#names, id, record);
  }
}

/** Keeps the outcome of a job, unless it has one: the first counts. */
export async function settle(
  client: JetStreamClient,
  names: JobNames,
  id: string,
  record: OutcomeRecord,
): Promise<boolean> {
  try {
    await client.publish(names.result(id), JSON.stringify(record), { expect: { lastSubjectSequence: 0 } });
    return true;
  } catch (error) {
    // "wrong last sequence": there is one.
    if (/wrong last sequence/i.test(reasonOf(error))) return false;
    throw error;
  }
}

function encode(method: string, record: JobRecord): string {
  try {
    return JSON.stringify(record);
  } catch (error) {
    throw new ChannelError("ENCODE_FAILED", `${method}: ${reasonOf(error)}`, {
      method,
      cause: error,
      delivery: "not-sent",
    });
  }
}

function submitError(method: string, error: unknown): Error {
  if (error instanceof ChannelError || error instanceof RpcError) return error;
  const reason = reasonOf(error);
  if (/maximum messages|maximum bytes/i.test(reason)) {
    const text = `${method}: as many jobs wait as may (maxQueued). Submit it again when some are done.`;
    return new ChannelError("OVERLOADED", text, { method, cause: error, delivery: "not-sent" });
  }
  const text = `${method}: the job was not confirmed: ${reason}. Submit it again by the same id; that does no harm.`;
  return new ChannelError("CONNECT_FAILED", text, { method, cause: error, delivery: "unknown" });
}
