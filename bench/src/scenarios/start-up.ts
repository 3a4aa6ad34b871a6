import type { Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";
import { median } from "../statistics.js";

/** The engine compiles what starts a worker during these. */
const NOT_COUNTED = 3;

/**
 * From the start of a worker to its first answer, one after the other; the end of the worker is not counted. In a new
 * parent, because starting a process takes the longer the more memory its parent has: what ran before would be measured.
 */
class StartUp implements Scenario {
  readonly id = "start-up";
  readonly section = "Start-up";
  readonly title = "start to first answer";
  readonly unit = "ms";
  readonly better = "less";
  readonly headline = "time";
  readonly needs = "start";
  readonly overlaps = false;
  readonly pinned = false;
  readonly quick = ["bare-spawn", "bare-answer", "hand-loop", "procwire", "vscode-jsonrpc", "node-ipc-json"];
  readonly ownSessions = true;
  readonly fresh = true;

  async lap(_none: Session, { milliseconds, start }: Lap): Promise<Figures> {
    const times: number[] = [];
    const end = performance.now() + milliseconds;
    let starts = 0;
    do {
      const before = performance.now();
      const session = await start();
      if (session.add !== undefined) assertAnswer(await session.add(2, 1), 3);
      starts += 1;
      if (starts > NOT_COUNTED) times.push(performance.now() - before);
      await session.close();
    } while (times.length === 0 || performance.now() < end);
    return { time: median(times) };
  }
}

export const startUp: Scenario = new StartUp();
