import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { typescript } from "../../../../test/support/paths.js";
import { waitFor } from "../../../../test/support/wait-for.js";

const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const worker = fileURLToPath(new URL("../fixtures/worker.ts", import.meta.url));

export interface Command {
  readonly child: ChildProcess;
  readonly log: () => string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

/** Runs `procwire-nats` with these arguments; killed when the test is over. */
export function runCommand(args: readonly string[]): Command {
  const child = spawn(process.execPath, typescript(cli, ...args), { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = once(child, "close").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, log: () => text, ended };
}

/** A member as a process of its own, with workers of fixtures/worker.ts. */
export async function exposeCommand(service: string, servers: string, more: readonly string[] = []): Promise<Command> {
  const program = [process.execPath, ...typescript(worker)];
  const command = runCommand(["expose", "--service", service, "--servers", servers, ...more, "--", ...program]);
  await waitFor(() => command.log().includes(": ready") || command.child.exitCode !== null, 20_000);
  return command;
}
