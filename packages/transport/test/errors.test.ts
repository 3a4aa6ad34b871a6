import { describe, expect, expectTypeOf, test } from "vitest";
import { ChannelError, RpcError, type ChannelErrorCode } from "../src/errors.js";

interface Errors {
  readonly ChannelError: typeof ChannelError;
  readonly RpcError: typeof RpcError;
}

/** A second copy of the module, as an application with two versions of the package has it. */
async function loadAnotherCopy(): Promise<Errors> {
  const url = new URL("../src/errors.ts?copy", import.meta.url);
  return (await import(/* @vite-ignore */ url.href)) as Errors;
}

describe("instanceof", () => {
  test("tells the two kinds apart", () => {
    const local = new ChannelError("TIMEOUT", "late");
    const remote = new RpcError(-32601, "unknown");
    expect([local instanceof ChannelError, local instanceof RpcError, local instanceof Error]).toEqual([
      true,
      false,
      true,
    ]);
    expect([remote instanceof RpcError, remote instanceof ChannelError, remote instanceof Error]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("recognises errors that another copy of the package made", async () => {
    const other = await loadAnotherCopy();
    expect(other.ChannelError).not.toBe(ChannelError);
    expect(new other.ChannelError("TIMEOUT", "late") instanceof ChannelError).toBe(true);
    expect(new ChannelError("TIMEOUT", "late") instanceof other.ChannelError).toBe(true);
    expect(new other.RpcError(1, "no") instanceof RpcError).toBe(true);
    expect(new other.RpcError(1, "no") instanceof ChannelError).toBe(false);
  });

  test.each([undefined, null, 1, "TIMEOUT", {}, new Error("TIMEOUT"), { code: "TIMEOUT" }, () => undefined])(
    "says no to %o",
    (value) => {
      expect(value instanceof ChannelError).toBe(false);
      expect(value instanceof RpcError).toBe(false);
    },
  );

  test("of a subclass says yes to its own instances only", () => {
    class NotFound extends RpcError {}
    class Slow extends ChannelError {}
    expect(new NotFound(404, "gone") instanceof NotFound).toBe(true);
    expect(new NotFound(404, "gone") instanceof RpcError).toBe(true);
    expect(new RpcError(1, "no") instanceof NotFound).toBe(false);
    expect(new Slow("TIMEOUT", "late") instanceof Slow).toBe(true);
    expect(new ChannelError("TIMEOUT", "late") instanceof Slow).toBe(false);
  });
});

describe("a ChannelError", () => {
  test("carries what is known", () => {
    const cause = new Error("why");
    const details = { cause, method: "add", delivery: "unknown", exitCode: 3, signal: null, stderr: "oops" } as const;
    const error = new ChannelError("WORKER_EXITED", "gone", details);
    expect(error).toMatchObject({ name: "ChannelError", code: "WORKER_EXITED", message: "gone", ...details });
    expect(String(error)).toBe("ChannelError: gone");
    expect(error.stack).toContain("errors.test.ts");
  });

  test("has a cause only when one is given", () => {
    expect("cause" in new ChannelError("TIMEOUT", "late")).toBe(false);
    expect("cause" in new ChannelError("TIMEOUT", "late", { cause: undefined })).toBe(true);
  });

  test("has a code of a closed list", () => {
    expectTypeOf<ChannelError["code"]>().toEqualTypeOf<ChannelErrorCode>();
    expectTypeOf<string>().not.toExtend<ChannelErrorCode>();
  });
});

describe("an RpcError", () => {
  test("carries the answer", () => {
    const error = new RpcError(-32602, "n is missing", { data: { name: "n" }, method: "fibonacci" });
    expect(error).toMatchObject({ name: "RpcError", code: -32602, data: { name: "n" }, method: "fibonacci" });
    expect("cause" in error).toBe(false);
  });

  test("keeps a cause on this side", () => {
    const cause = new Error("why");
    expect(new RpcError(1, "no", { cause }).cause).toBe(cause);
  });
});
