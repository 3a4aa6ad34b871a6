// The built packages' types, as users have them: several versions of TypeScript, modules of each kind, the strictest flags.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./support/paths.js";
import { runNode } from "./support/run.js";

/** Inside of `test/`, so that the packages are found as by a user who has installed them. */
const folder = join(root, "test/.tmp-typescript");
const require = createRequire(import.meta.url);
const COMPILERS = { "5.9": "typescript-5", "6": "typescript", "7": "typescript-7" };

const PROGRAM = `
import { createStdioChannel, serveStdio, validated, type Channel, type TypedChannel } from "@procwire/transport";
import { serveStdio as serve } from "@procwire/transport/worker";
import { MessagePackCodec } from "@procwire/codec-msgpack";

interface Api {
  add(params: { a: number; b: number }): number;
  count(params: { to: number }): AsyncIterable<number>;
}
interface Events {
  log: { message: string };
}

export async function parent(timeout: number | undefined, signal: AbortSignal | undefined): Promise<number> {
  const options = { timeout, signal, framing: "length", codec: new MessagePackCodec() } as const;
  const channel: TypedChannel<Api, Events> = await createStdioChannel<Api, Events>("worker", options);
  channel.onNotification("log", ({ message }) => message.length);
  for await (const n of channel.stream("count", { to: 3 })) n.toFixed();
  const [sum] = await channel.batch([{ method: "add", params: { a: 1, b: 2 } }], { timeout });
  // @ts-expect-error -- an operand is missing
  await channel.request("add", { a: 1 });
  // @ts-expect-error -- a word that is none
  await createStdioChannel("worker", { framing: "lines" });
  const untyped: Channel = await createStdioChannel("worker");
  await untyped.request<string>("anything", { a: 1 }, { timeout, signal });
  return sum.status === "fulfilled" ? sum.value : channel.remote.add({ a: 1, b: 2 });
}

export function worker(): void {
  const count = async function* ({ to }: { to: number }) {
    yield to;
  };
  serve<Api, Events>({ add: ({ a, b }) => a + b, count });
  // @ts-expect-error -- a method is missing
  serveStdio<Api>({ count });
  serveStdio({ anything: () => 1, add: validated({} as never, (params: { a: number }) => params.a) });
}
`;

/** The one that is fast enough to look at the declarations themselves, too. */
const FAST = "7";

interface Kind {
  readonly name: string;
  readonly file: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const KINDS: readonly Kind[] = [
  { name: "node16, a module", file: "program.mts", options: { module: "node16" } },
  { name: "node16, CommonJS", file: "program.cts", options: { module: "node16" } },
  { name: "nodenext, a module", file: "program.mts", options: { module: "nodenext" } },
  { name: "nodenext, CommonJS", file: "program.cts", options: { module: "nodenext" } },
  { name: "bundler", file: "program.ts", options: { module: "esnext", moduleResolution: "bundler" } },
];

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.entries(COMPILERS))("TypeScript %s", (version, name) => {
  const compiler = join(dirname(require.resolve(`${name}/package.json`)), "bin/tsc");

  test.each(KINDS)(
    "$name: a program compiles, and its mistakes do not",
    async ({ name, file, options }) => {
      const project = join(folder, `${version} ${name}`);
      mkdirSync(project, { recursive: true });
      writeFileSync(join(project, file), PROGRAM);
      const compilerOptions = {
        ...{ target: "es2022", lib: ["es2023", "esnext.disposable"], types: ["node"], strict: true, noEmit: true },
        ...{
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: version !== FAST,
          ...options,
        },
      };
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
      const { code, stdout } = await runNode([compiler, "-p", project, "--pretty", "false"]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    },
    120_000,
  );
});
