/** Writes docs/values.md: `npm run values`. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/paths.js";
import { measure, pageOf } from "./table.js";

writeFileSync(join(root, "docs", "values.md"), pageOf(await measure()));
console.log("docs/values.md is written");
