import { startTimer } from "../streams/durations.js";
import { killOwnGroup, takeGroup, takeMaker } from "../streams/group-offer.js";
import { killAllGroups } from "../streams/groups.js";

/** How often a worker without input looks whether its parent is still there. */
const CHECK_MS = 10;

/**
 * The process that has started this one, as a worker sees it; to be made at the worker's start. When it is gone at the
 * exit of this process, the group that it has made for this process is killed here.
 */
export class Parent {
  readonly pid: number = process.ppid;
  /** Whether it has made a process group for this process and what this process starts. */
  readonly hasMadeGroup: boolean = takeGroup();
  /**
   * The process that was the parent, if that is another one than now: it may have died before this process could look. But
   * who leads a group and has inherited the variable has another parent as well, and then it lives.
   */
  readonly former: number | undefined;

  constructor() {
    const maker = takeMaker();
    this.former = this.hasMadeGroup && maker !== this.pid ? maker : undefined;
    if (!this.hasMadeGroup) return;
    process.once("exit", () => {
      if (!this.isGone) return;
      // Workers of this one have groups of their own, and nobody hears of the end after the next line.
      killAllGroups();
      killOwnGroup();
    });
  }

  /** A process whose parent has died is given to another one. */
  get isGone(): boolean {
    return process.ppid !== this.pid || (this.former !== undefined && !isRunning(this.former));
  }

  /** Resolves when it is gone; keeps no process alive. */
  gone(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        if (!this.isGone) return;
        clearInterval(timer);
        resolve();
      }, CHECK_MS);
      timer.unref();
    });
  }

  /** Resolves when it is gone, or after so many milliseconds. At once where nothing depends on it. */
  async goneWithin(milliseconds: number): Promise<void> {
    if (!this.hasMadeGroup || this.isGone || milliseconds === 0) return;
    await new Promise<void>((resolve) => {
      startTimer(resolve, milliseconds);
      void this.gone().then(resolve);
    });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
