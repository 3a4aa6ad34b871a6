import { tokenOf } from "../wire/subjects.js";

/** Jobs of one key run one after the other: keys are spread over so many lanes. */
const LANES = 16;

/** The subjects and streams of a service's jobs. */
export class JobNames {
  readonly jobs: string;
  readonly results: string;
  readonly dead: string;
  readonly #root: string;

  constructor(prefix: string, service: string) {
    this.#root = `${prefix}.${service}`;
    const name = `${prefix}_${service}`.replaceAll(".", "_");
    this.jobs = `${name}_jobs`;
    this.results = `${name}_results`;
    this.dead = `${name}_dead`;
  }

  /** Where a job waits. */
  job(id: string, key: string | undefined): string {
    return `${this.#root}.$jobs.${key === undefined ? "free" : `k${laneOf(key)}`}.${tokenOf(id)}`;
  }

  /** The lanes: that of jobs without a key first. */
  get lanes(): readonly { readonly name: string; readonly filter: string; readonly isOrdered: boolean }[] {
    const keyed = Array.from({ length: LANES }, (_, at) => `k${at}`);
    return ["free", ...keyed].map((name) => ({
      name,
      filter: `${this.#root}.$jobs.${name}.*`,
      isOrdered: name !== "free",
    }));
  }

  /** Where the outcome of a job is. */
  result(id: string): string {
    return `${this.#root}.$results.${tokenOf(id)}`;
  }

  deadLetter(id: string): string {
    return `${this.#root}.$dead.${tokenOf(id)}`;
  }

  /** Tells whoever works on a job that nobody wants it any more. */
  cancel(id: string): string {
    return `${this.#root}.$cancel.${tokenOf(id)}`;
  }

  get anyJob(): string {
    return `${this.#root}.$jobs.>`;
  }

  get anyResult(): string {
    return `${this.#root}.$results.*`;
  }

  get anyDead(): string {
    return `${this.#root}.$dead.*`;
  }
}

function laneOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % LANES;
}
