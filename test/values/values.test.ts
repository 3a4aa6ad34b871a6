import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root } from "../support/paths.js";
import { ways } from "./echo.js";
import { measure, pageOf, reasonFor, type Row } from "./table.js";
import { samples } from "./values.js";

let rows: readonly Row[] = [];

beforeAll(async () => {
  rows = await measure();
}, 60_000);

describe.each(ways.map((way, at) => [way.codec, way.worker, at] as const))("in %s, echoed by %s,", (codec, _, at) => {
  test.each(samples.map((sample, row) => [sample.name, sample, row] as const))(
    "%s arrives equal, or is refused, or is altered for a reason",
    (_name, sample, row) => {
      const outcome = rows[row]?.outcomes[at];
      if (outcome?.kind === "altered") expect(reasonFor(sample, codec)).toBeTypeOf("string");
      else if (outcome?.kind === "error") expect(outcome.code).toMatch(/^(ENCODE_FAILED|-32700|-3260[0-3])$/);
      else expect(outcome).toEqual({ kind: "equal" });
    },
  );
});

test("docs/values.md says what happens; npm run values writes it", () => {
  expect(pageOf(rows)).toBe(readFileSync(join(root, "docs", "values.md"), "utf8").replaceAll("\r\n", "\n"));
});
