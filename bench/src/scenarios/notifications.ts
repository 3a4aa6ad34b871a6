import { assertCan, type Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";

const BURST = 1000;

/** One way: bursts of notifications, and a request behind each that is answered when the worker has had them all. */
class Notifications implements Scenario {
  readonly id = "notifications";
  readonly section = "Throughput";
  readonly title = "notifications";
  readonly unit = "/s";
  readonly better = "more";
  readonly headline = "rate";
  readonly needs = "notify";
  readonly overlaps = true;
  readonly pinned = false;
  readonly quick = [
    "hand-loop",
    "hand-loop-polling",
    "procwire",
    "procwire-msgpack",
    "vscode-jsonrpc",
    "node-ipc-json",
  ];

  async lap(session: Session, { milliseconds, maxCalls }: Lap): Promise<Figures> {
    assertCan(session, "add");
    assertCan(session, "notify");
    const started = performance.now();
    let sent = 0;
    while (sent + BURST <= maxCalls && performance.now() - started < milliseconds) {
      for (let n = 0; n < BURST; n++) void session.notify(n);
      assertAnswer(await session.add(sent, 1), sent + 1);
      sent += BURST;
    }
    return { rate: (sent / (performance.now() - started)) * 1000, calls: sent };
  }
}

export const notifications: Scenario = new Notifications();
