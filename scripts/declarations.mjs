// Writes the declarations of a built package once more, for programs that are CommonJS: declarations.mjs DIRECTORY.
//
// The JavaScript is one, of modules: `require` of Node 20.19 and later loads it. But TypeScript with `module: node16` tells by
// the declarations alone what a file is, and refuses to `require` one that is a module (TS1479).

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dist = join(process.argv[2] ?? ".", "dist");
const declarations = readdirSync(dist).filter((name) => name.endsWith(".d.ts"));
if (declarations.length === 0) throw new Error(`${dist} has no declarations: build the package before.`);
for (const name of declarations) {
  const text = readFileSync(join(dist, name), "utf8");
  const forCommonJs = text.replaceAll(/(from ['"]\.\/[^'"]+)\.js(['"])/g, "$1.cjs$2");
  writeFileSync(join(dist, name.replace(/\.ts$/, ".cts")), forCommonJs);
}
