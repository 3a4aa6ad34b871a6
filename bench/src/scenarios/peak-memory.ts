import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryOf, resetPeak } from "../procfs.js";

const MIB = 1024 * 1024;

/** How far parent and worker grow from now on; NaN where the system doesn't say. */
export class PeakMemory {
  readonly #parent: Peak;
  readonly #worker: Peak;

  constructor(workerPid: number | undefined) {
    collectGarbage();
    this.#parent = new Peak(process.pid);
    this.#worker = new Peak(workerPid);
  }

  /** From what was resident at the beginning to the peak since then, in MiB. */
  growth(): { parent: number; worker: number } {
    return { parent: this.#parent.peak() - this.#parent.before, worker: this.#worker.peak() - this.#worker.before };
  }

  /** The peaks themselves, in MiB. */
  peaks(): { parent: number; worker: number } {
    return { parent: this.#parent.peak(), worker: this.#worker.peak() };
  }
}

class Peak {
  readonly before: number;
  readonly #pid: number | undefined;

  constructor(pid: number | undefined) {
    const canReset = pid !== undefined && resetPeak(pid);
    this.#pid = canReset ? pid : undefined;
    this.before = (canReset ? (memoryOf(pid)?.now ?? NaN) : NaN) / MIB;
  }

  peak(): number {
    return (this.#pid === undefined ? NaN : (memoryOf(this.#pid)?.peak ?? NaN)) / MIB;
  }
}

/** So that what the start left behind is not taken for a part of the growth. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
