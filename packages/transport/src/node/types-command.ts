import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { RpcError } from "../errors.js";
import type { FramingName } from "../channel/contract/options.js";
import { jsonRpc } from "../dialects/json-rpc.js";
import { JsonRpcErrorCode } from "../protocol/error-codes.js";
import { writeApi } from "../types/api.js";
import { isIdentifier } from "../types/text.js";
import { createStdioChannel } from "./create-stdio-channel.js";

const HELP = `Writes the TypeScript types of a worker's methods, as the worker tells them by rpc.discover.

Usage: procwire-types [options] -- PROGRAM [arguments]

  --out FILE       the file to write; without it, stdout
  --name NAME      the name of the interface (Api)
  --framing NAME   line-delimited, length-prefixed or content-length (line-delimited)
  --timeout MS     how long the worker may take to answer (10000)
  --help

  npx procwire-types --out worker-api.d.ts -- ./my-worker --quiet
  npx procwire-types --out worker-api.d.ts -- node worker.mjs`;

/** Wrong use, as opposed to a worker that fails. */
class UsageError extends Error {}

/** What `procwire-types` does: 0 when the types are written, 1 when the worker fails, 2 for wrong use. */
export async function typesCommand(args: readonly string[]): Promise<number> {
  try {
    await run(args);
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof TypeError || error instanceof RangeError;
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`procwire-types: ${reason}${isUsage ? " See procwire-types --help." : ""}`);
    return isUsage ? 2 : 1;
  }
}

async function run(args: readonly string[]): Promise<void> {
  const { help, out, name, framing, timeout, program } = read(args);
  if (help) {
    console.log(HELP);
    return;
  }
  const [command, ...rest] = program;
  if (command === undefined) throw new UsageError("no program is named: put it behind --.");
  if (!isIdentifier(name)) throw new UsageError(`${JSON.stringify(name)} can't be the name of an interface.`);
  const discovered = await discover(command, rest, framing, Number(timeout));
  const text = describe(() => writeApi(discovered, name, [command, ...rest].join(" ")));
  if (out === undefined) process.stdout.write(text);
  else await writeFile(out, text);
}

function read(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: "string" },
        name: { type: "string", default: "Api" },
        framing: { type: "string", default: "line-delimited" },
        timeout: { type: "string", default: "10000" },
        help: { type: "boolean", default: false },
      },
    });
    return { ...values, program: positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function discover(command: string, args: readonly string[], framing: string, timeout: number): Promise<unknown> {
  const options = { args, timeout, framing: framing as FramingName, codec: "json" } as const;
  const channel = await createStdioChannel(command, options);
  try {
    return await channel.request(jsonRpc.discover ?? "");
  } catch (error) {
    throw unanswered(command, error);
  } finally {
    await channel.close();
  }
}

function unanswered(command: string, cause: unknown): unknown {
  if (!(cause instanceof RpcError) || cause.code !== JsonRpcErrorCode.methodNotFound) return cause;
  const advice = "write the interface by hand, or have the worker answer it (docs/protocol.md).";
  return new Error(`${command} does not serve rpc.discover: ${advice}`, { cause });
}

/** What the worker has answered is not what the user has written: no wrong use. */
function describe(write: () => string): string {
  try {
    return write();
  } catch (cause) {
    throw new Error((cause as Error).message, { cause });
  }
}
