import { spawn } from "node:child_process";
import { once } from "node:events";
import type { LoopLag } from "../lib/loop-lag.js";

const PROGRAM = 'setInterval(() => undefined, 1000); process.stdout.write("there")';

/** How long it takes this system to end a child that is killed and to tell of it, the lag of this process taken off. */
export async function killPlainChild(lag: LoopLag): Promise<number> {
  const child = spawn(process.execPath, ["-e", PROGRAM], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  const exit = once(child, "exit");
  const killedAt = performance.now();
  child.kill("SIGKILL");
  await exit;
  const heardAt = performance.now();
  return heardAt - killedAt - lag.between(killedAt, heardAt);
}
