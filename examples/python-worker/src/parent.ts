// Node calls a worker in plain Python, and streams the rows of a CSV file from it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createStdioChannel, RpcError } from "@procwire/transport";

interface Row {
  readonly city: string;
  readonly month: string;
  readonly celsius: number;
}

const python = ["python3", "python"].find((command) => {
  const isNewEnough = "import sys; sys.exit(sys.version_info < (3, 9))";
  return spawnSync(command, ["-c", isNewEnough]).status === 0;
});
if (python === undefined) {
  console.log("Skipped: this example needs Python 3.9 or newer");
} else {
  await run(python);
  console.log("Done");
}

async function run(command: string): Promise<void> {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const channel = await createStdioChannel(command, { args: [path("worker.py")], stderr: "ignore" });
  try {
    const file = path("temperatures.csv");
    const warm: string[] = [];
    for await (const { city, month, celsius } of channel.stream<Row>("rows", { path: file })) {
      if (celsius > 15) warm.push(`${city} in ${month}: ${celsius}`);
    }
    console.log(warm.join("\n"));
    assert.equal(warm.length, 4);

    const summary = await channel.request<unknown>("summary", { path: file, column: "celsius" });
    console.log("summary", summary);
    assert.deepEqual(summary, { count: 6, mean: 14.32, max: 23.5 });

    await assert.rejects(channel.request("summary", { path: "nowhere.csv", column: "celsius" }), (error) => {
      assert.ok(error instanceof RpcError);
      assert.deepEqual([error.code, error.message], [1, "there is no file nowhere.csv"]);
      return true;
    });
    await assert.rejects(channel.request("summary", { path: file }), { code: -32602 });
    await assert.rejects(channel.request("forget"), { code: -32603, data: { type: "LookupError" } });
  } finally {
    await channel.close();
  }
}
