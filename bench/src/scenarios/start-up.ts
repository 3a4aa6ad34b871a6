import type { Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";
import { median } from "../statistics.js";

/** From the start of a worker to its first answer, one after the other; the end of the worker is not counted. */
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

  async lap(_none: Session, { milliseconds, start }: Lap): Promise<Figures> {
    const times: number[] = [];
    const end = performance.now() + milliseconds;
    do {
      const before = performance.now();
      const session = await start();
      if (session.add !== undefined) assertAnswer(await session.add(2, 1), 3);
      times.push(performance.now() - before);
      await session.close();
    } while (performance.now() < end);
    return { time: median(times) };
  }
}

export const startUp: Scenario = new StartUp();
