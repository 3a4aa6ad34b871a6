// A nats-server on this machine: where it is, how it gets here, and one on loopback for a test or an example.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { Problem, run } from "./run.mjs";
import { cacheDirectory } from "./workspace.mjs";

/** What is built where none is installed. */
export const NATS_SERVER_VERSION = "2.11.4";
const program = process.platform === "win32" ? "nats-server.exe" : "nats-server";
const builtInto = join(cacheDirectory, `nats-server-${NATS_SERVER_VERSION}`);
const START_MS = 10_000;

/** The program from PATH, else the one that `npm run nats:install` has built; `undefined` where there is neither. */
export function findNatsServer() {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders, builtInto].map((folder) => join(folder, program)).find((file) => existsSync(file));
}

/** Builds it from the Go module proxy, else installs Debian's package. Throws a Problem where neither can be done. */
export async function installNatsServer() {
  mkdirSync(builtInto, { recursive: true });
  const env = { ...process.env, GOBIN: builtInto };
  const built = await run("go", ["install", `github.com/nats-io/nats-server/v2@v${NATS_SERVER_VERSION}`], { env });
  if (built.exitCode === 0) return;
  const installed = await run("apt-get", ["install", "--yes", "--no-install-recommends", "nats-server"]);
  if (installed.exitCode === 0) return;
  throw new Problem(
    "nats-server could not be installed. Install Go (https://go.dev/dl) and try again, or put nats-server into PATH.",
    built.output + installed.output,
  );
}

/**
 * @typedef {object} NatsServer
 * @property {string} url
 * @property {number} port
 * @property {number} pid
 * @property {(signal?: NodeJS.Signals) => Promise<void>} stop ends the process; its files stay
 * @property {() => Promise<void>} start starts it again, on the same port and with the same files
 * @property {() => Promise<void>} remove ends it and takes its files away
 */

/**
 * One on loopback, on a port that the system chooses, with JetStream in a folder of its own.
 * @param {string} [configuration] more lines for its configuration file
 * @returns {Promise<NatsServer>}
 */
export async function startNatsServer(configuration = "") {
  const file = findNatsServer();
  if (file === undefined) throw new Problem("There is no nats-server: npm run nats:install");
  const folder = mkdtempSync(join(tmpdir(), "procwire-nats-"));
  let { child, port } = await startAt(file, folder, -1, configuration);
  const stop = async (/** @type {NodeJS.Signals} */ signal = "SIGTERM") => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await exited;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    stop,
    start: async () => {
      ({ child } = await startAt(file, folder, port, configuration));
    },
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * @param {string} file
 * @param {string} folder
 * @param {number} port -1 for any
 * @param {string} configuration
 */
async function startAt(file, folder, port, configuration) {
  rmSync(join(folder, "ports"), { recursive: true, force: true });
  mkdirSync(join(folder, "ports"));
  const store = JSON.stringify(join(folder, "store"));
  const lines = [`listen: "127.0.0.1:${port}"`, `ports_file_dir: ${JSON.stringify(join(folder, "ports"))}`];
  writeFileSync(join(folder, "nats.conf"), [...lines, `jetstream { store_dir: ${store} }`, configuration].join("\n"));
  const child = spawn(file, ["--config", join(folder, "nats.conf"), "--log", join(folder, "log")], { stdio: "ignore" });
  child.once("error", () => undefined);
  // Nobody's child: whoever starts one and dies without `remove` leaves it to the system's next start otherwise.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  const ports = join(folder, "ports", `nats-server_${child.pid}.ports`);
  const deadline = Date.now() + START_MS;
  while (!isWritten(ports)) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      child.kill("SIGKILL");
      const log = existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8") : "";
      throw new Problem("nats-server did not start.", log);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const [url = ""] = JSON.parse(readFileSync(ports, "utf8")).nats;
  return { child, port: Number(new URL(url).port) };
}

/** @param {string} file */
function isWritten(file) {
  return existsSync(file) && readFileSync(file, "utf8").trimEnd().endsWith("}");
}
