import { describe, expect, test } from "vitest";
import { fixture, typescript } from "../support/paths.js";
import { runNode } from "../support/run.js";
import { isAlive, waitFor } from "../support/wait-for.js";

describe("a program with an unref'd channel exits by itself", () => {
  test.each([
    ["when the channel is idle", "idle", []],
    ["after the answer to a request that was made since", "request", ["second 7"]],
    ["after the end of a stream", "stream", ["items 9592"]],
    ["after the answers to a batch", "batch", ["batch 1"]],
    ["after a request that was aborted", "abort", ["aborted stop"]],
    ["not before it takes a ref back", "ref", ["still here"]],
  ])("%s, and its worker ends too", async (_, how, lines) => {
    const { code, stdout, stderr } = await runNode(typescript(fixture("idle-parent.ts"), how));
    expect(stderr).toBe("");
    const [worker = "", ...rest] = stdout.trim().split("\n");
    expect(rest).toEqual(["first 3", ...lines, "exit"]);
    expect(code).toBe(0);
    const pid = Number(/^worker (\d+)$/.exec(worker)?.[1]);
    await waitFor(() => !isAlive(pid));
  });
});
