/** The TypeScript of the documents, checked as readers would: by each version, and in each mode of modules. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/paths.js";
import type { Block } from "./blocks.js";
import type { Ended, Place } from "./place.js";

const COMPILERS = {
  "5.9": "test/node_modules/typescript-5/bin/tsc",
  "6": "node_modules/typescript/bin/tsc",
  "7": "test/node_modules/typescript-7/bin/tsc",
} as const;
const MODES = ["node16", "nodenext", "bundler"] as const;

export interface Combination {
  readonly version: keyof typeof COMPILERS;
  readonly mode: (typeof MODES)[number];
  /** Leaves JavaScript beside each file, for the runs. */
  readonly emits: boolean;
}

const EACH_ONCE: readonly Combination[] = [
  { version: "6", mode: "nodenext", emits: true },
  { version: "5.9", mode: "node16", emits: false },
  { version: "7", mode: "bundler", emits: false },
];

/** Each version and each mode once; all of one with all of the other by `PROCWIRE_LONG=1`. */
export const COMBINATIONS: readonly Combination[] =
  process.env["PROCWIRE_LONG"] === "1"
    ? [
        ...EACH_ONCE,
        ...(["5.9", "6", "7"] as const)
          .flatMap((version) => MODES.map((mode) => ({ version, mode, emits: false })))
          .filter(({ version, mode }) => !EACH_ONCE.some((one) => one.version === version && one.mode === mode)),
      ]
    : EACH_ONCE;

export async function compileTypeScript(
  place: Place,
  blocks: readonly Block[],
  { version, mode, emits }: Combination,
): Promise<Ended> {
  const compilerOptions = {
    ...{ target: "es2022", lib: ["es2023", "esnext.disposable"], types: ["node"], noEmit: !emits },
    ...(mode === "bundler" ? { module: "esnext", moduleResolution: "bundler" } : { module: mode }),
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, isolatedModules: true },
    // The packages' own declarations are checked as well, by the compiler that takes no time for it.
    ...{ verbatimModuleSyntax: true, moduleDetection: "force", skipLibCheck: version !== "7" },
  };
  const files = blocks.map(({ page, file }) => join(place.folderOf(page), file));
  const config = join(place.folder, `tsconfig-${version}-${mode}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  const ended = await place.node([join(root, COMPILERS[version]), "-p", config, "--pretty", "false"], place.folder);
  const stdout = withoutForeign(ended.stdout);
  return { ...ended, stdout, code: stdout === "" && ended.stdout !== "" ? 0 : ended.code };
}

/** NATS's declarations have mistakes of their own under `exactOptionalPropertyTypes`; the MCP SDK's need those of the DOM. */
function withoutForeign(stdout: string): string {
  return stdout.replaceAll(/^\S*node_modules\/(?:@nats-io|@modelcontextprotocol)\/.*\n(?:[ ].*\n)*/gm, "");
}
