// Before the tests: one file for each program that they start. To load the packages' sources by tsx takes a process more
// than a second of CPU time, and hundreds are started; a bundle of the same sources takes a tenth of a second.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { BUNDLES, bundleOf, root } from "./paths.js";

const FOLDERS = [
  "test/fixtures",
  "test/soak/programs",
  "test/conformance/workers",
  "packages/nats/test/fixtures",
  "packages/codec-msgpack/test/fixtures",
];
const COMMANDS = [
  "packages/faults/src/cli.ts",
  "packages/nats/src/cli.ts",
  "packages/nats/test/bench/member.ts",
  "packages/transport/src/procwire-types.ts",
  "test/runtimes/worker.mjs",
  "test/conformance/runner/main.mjs",
  "test/soak/main.ts",
];

/** Each file goes on knowing where it is: programs find each other beside their sources. */
const ownUrls: Plugin = {
  name: "own-urls",
  setup(builder) {
    builder.onLoad({ filter: /\.m?ts$|\.mjs$/ }, async ({ path }) => {
      if (path.includes("node_modules")) return undefined;
      const text = await readFile(path, "utf8");
      const contents = text.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: path.endsWith("ts") ? "ts" : "js" };
    });
  },
};

export async function setup(): Promise<void> {
  rmSync(BUNDLES, { recursive: true, force: true });
  const programs = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /\.(?:ts|mjs)$/.test(name))
      .map((name) => join(folder, name)),
  );
  await build({
    absWorkingDir: root,
    entryPoints: [...programs, ...COMMANDS].map((file) => ({
      in: file,
      out: bundleOf(file).slice(BUNDLES.length + 1, -".mjs".length),
    })),
    outdir: BUNDLES,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["procwire-source"],
    keepNames: true,
    // CommonJS packages ask for Node's modules.
    banner: { js: 'import { createRequire as from } from "node:module"; const require = from(import.meta.url);' },
    plugins: [ownUrls],
    logLevel: "warning",
  });
}
