import { describe, expect, test } from "vitest";
import { JsonCodec } from "../../src/index.js";
import type { Payload } from "../../src/index.js";
import type { Wire } from "../../src/protocol/contract.js";
import { DapProtocol } from "../../src/protocol/dap.js";

const bind = (): Wire => new DapProtocol().bind(new JsonCodec());
const read = (payload: Payload): unknown => JSON.parse(payload as string);

function decode(wire: Wire, message: unknown): unknown {
  const bytes = new TextEncoder().encode(JSON.stringify(message));
  return wire.decode(bytes, 0, bytes.length);
}

describe("the wire of debug adapters", () => {
  test("counts every message, and finds the request of an answer by its number", () => {
    const wire = bind();
    expect(read(wire.notification("stopped", { reason: "step" }))).toEqual({
      seq: 1,
      type: "event",
      event: "stopped",
      body: { reason: "step" },
    });
    expect(read(wire.request(7, "next", { threadId: 1 }))).toEqual({
      seq: 2,
      type: "request",
      command: "next",
      arguments: { threadId: 1 },
    });
    expect(read(wire.control("cancel", { requestId: 7 }))).toEqual({
      seq: 3,
      type: "request",
      command: "cancel",
      arguments: { requestId: 2 },
    });
    const answer = { seq: 1, type: "response", request_seq: 2, success: true, command: "next" };
    expect(decode(wire, answer)).toEqual({ kind: "response", id: 7, result: null });
    // Once only, and an answer to a cancel belongs to nobody.
    expect(decode(wire, answer)).toMatchObject({ kind: "response", id: -1 });
  });

  test("answers by the number and the command of the request", () => {
    const wire = bind();
    const message = decode(wire, { seq: 5, type: "request", command: "a:b", arguments: { x: 1 } });
    expect(message).toMatchObject({ kind: "request", method: "a:b", params: { x: 1 } });
    const { id } = message as { id: string };
    expect(read(wire.result(id, { y: 2 }))).toEqual({
      seq: 1,
      type: "response",
      request_seq: 5,
      command: "a:b",
      success: true,
      body: { y: 2 },
    });
    expect(read(wire.error(id, { code: 42, message: "no" }))).toMatchObject({
      request_seq: 5,
      success: false,
      message: "no",
      body: { error: { id: 42, format: "no" } },
    });
  });

  test("tells a cancel of the request that it names, and that it has to be answered", () => {
    const wire = bind();
    const { id } = decode(wire, { seq: 5, type: "request", command: "evaluate" }) as { id: string };
    expect(decode(wire, { seq: 6, type: "request", command: "cancel", arguments: { requestId: 5 } })).toMatchObject({
      kind: "batch",
      messages: [
        { kind: "notification", method: "cancel", params: { requestId: id } },
        { kind: "request", method: "cancel" },
      ],
    });
  });

  test.each([
    [1, { kind: "invalid", isStray: true }],
    [{}, { kind: "invalid", isStray: true }],
    [{ type: "hello" }, { kind: "invalid", isStray: false }],
    [{ type: "event" }, { kind: "invalid" }],
    [
      { type: "request", seq: "1", command: "a" },
      { kind: "invalid", isAnswer: false },
    ],
    [
      { type: "request", seq: 1 },
      { kind: "invalid", isAnswer: false },
    ],
    [
      { type: "response", success: true },
      { kind: "invalid", isAnswer: true },
    ],
  ])("%j is %j", (message, expected) => {
    expect(decode(bind(), message)).toMatchObject(expected);
  });

  test.each([
    [{ message: "cancelled" }, { code: -32800 }],
    [{ message: "short" }, { code: -32603, message: "short" }],
    [
      { message: "short", body: { error: { id: 9, format: "no {what}, {else}", variables: { what: "name" } } } },
      { code: 9, message: "no name, {else}" },
    ],
    [{}, { code: -32603, message: "The error has no message" }],
  ])("the failure %j is the error %j", (answer, error) => {
    const wire = bind();
    wire.request(1, "a", undefined);
    expect(decode(wire, { type: "response", request_seq: 1, success: false, ...answer })).toMatchObject({
      kind: "error",
      id: 1,
      error,
    });
  });
});
