// Each fault that a worker can have, on command, by a worker in Node and by its twin in Rust: what the caller sees, and
// that nothing is left of it. Details of some of them are in the files beside this one.

import { expect, test } from "vitest";
import { faultyPrograms } from "../support/faulty-programs.js";
import { startFaulty } from "../support/faulty-worker.js";
import { named } from "../support/named.js";
import { expectNothingLeft, expectNoTrouble } from "../support/nothing-left.js";
import { isAlive, rejectionOf } from "../support/wait-for.js";
import { ended } from "./faults/ended.js";
import { AT_START, describeFaults, expectAlive, expectExit } from "./faults/fault.js";
import { survived } from "./faults/survived.js";
import { unresponsive } from "./faults/unresponsive.js";

expectNoTrouble();

describeFaults("", ended, async (channel) => {
  expect(await rejectionOf(channel.request("late"))).toMatchObject({ delivery: "not-sent" });
});

describeFaults(" serves on", survived, expectAlive);

describeFaults(" is ended by close()", unresponsive, () => Promise.resolve());

test.each(named(faultyPrograms))(
  "a program in %s that crashes at each start is told each time, and leaves nothing",
  async (_, program) => {
    const nothingLeft = expectNothingLeft();
    for (let round = 0; round < 10; round++) {
      const channel = await startFaulty({ args: ["--exit-at-once"] }, program);
      await expectExit(channel.request("echo", { value: 1 }), { exitCode: 9, delivery: AT_START });
      await channel.close();
    }
    await nothingLeft();
  },
);

test.skipIf(process.platform === "win32").each(named(faultyPrograms))(
  "a grandchild that holds the stdout of a worker in %s holds nothing of ours",
  async (_, program) => {
    const nothingLeft = expectNothingLeft();
    const channel = await startFaulty({}, program);
    const grandchild = await channel.request<number>("leaveGrandchild");
    await expectExit(channel.request("exit", { code: 4 }), { exitCode: 4 });
    await channel.close();
    expect(isAlive(grandchild)).toBe(true);
    await nothingLeft();
    process.kill(grandchild, "SIGKILL");
  },
);
