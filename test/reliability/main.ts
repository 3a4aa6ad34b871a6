/** Writes docs/reliability.md and .json by what the runs have left: the last step of `npm run reliability`. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/paths.js";
import { collect } from "./data.js";
import { pageOf } from "./page.js";

const data = collect(join(root, "node_modules", ".cache", "procwire"));
writeFileSync(join(root, "docs", "reliability.json"), `${JSON.stringify(data, undefined, 2)}\n`);
writeFileSync(join(root, "docs", "reliability.md"), pageOf(data));
console.log("docs/reliability.md is written");
