import {
  ContentLengthFraming,
  LengthPrefixedFraming,
  type Framing,
  type StdioChannelOptions,
} from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { faultyPrograms } from "../support/faulty-programs.js";
import { startFaulty } from "../support/faulty-worker.js";
import { named } from "../support/named.js";
import { expectNothingLeft, expectNoTrouble } from "../support/nothing-left.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

expectNoTrouble();

describe.each(named(faultyPrograms))("a worker in %s that lies about a length", (_, program) => {
  const answer = Buffer.from('{"jsonrpc":"2.0","id":1,"result":"x"}');
  const hex = (...parts: readonly (string | Buffer)[]): string =>
    Buffer.concat(parts.map((part) => Buffer.from(part as Buffer))).toString("hex");
  const u32 = (n: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(n);
    return bytes;
  };
  const length = new LengthPrefixedFraming();
  const header = new ContentLengthFraming();

  interface Lie {
    readonly name: string;
    readonly framing: Framing;
    readonly bytes: string;
  }

  /** What the request fails with, and what is told of frames that belong to no request. */
  async function expectFailure({ framing, bytes }: Lie, code: string, told: readonly string[]): Promise<void> {
    const nothingLeft = expectNothingLeft();
    const errors: { readonly code: string }[] = [];
    const ready: string[] = [];
    const options: StdioChannelOptions = {
      framing,
      args: [`--lie=${bytes}`],
      timeout: 150,
      stderr: (line) => ready.push(line),
      onError: (error) => errors.push(error as { readonly code: string }),
    };
    const channel = await startFaulty(options, program);
    await waitFor(() => ready.length > 0);
    expect(await rejectionOf(channel.request("echo", { value: 1 }))).toMatchObject({ code });
    expect(channel.stats().inFlight).toBe(0);
    await channel.close();
    expect(errors.map((error) => error.code)).toEqual(told);
    expect(isAlive(channel.pid!)).toBe(false);
    await nothingLeft();
  }

  test.each(
    named<Lie>([
      { name: "above the limit", framing: header, bytes: hex("Content-Length: 99999999999\r\n\r\n", answer) },
      { name: "below zero", framing: header, bytes: hex("Content-Length: -5\r\n\r\n", answer) },
      { name: "that is none", framing: header, bytes: hex("Content-Length: 1e1\r\n\r\n", answer) },
      { name: "twice", framing: header, bytes: hex("Content-Length: 37\r\nContent-Length: 5\r\n\r\n", answer) },
    ]),
  )("in a header, %s: ends the channel", (_, lie) => expectFailure(lie, "FRAME_MALFORMED", []));

  test.each(
    named<Lie>([
      { name: "a header, too short", framing: header, bytes: hex("Content-Length: 5\r\n\r\n", answer) },
      { name: "a prefix, too short", framing: length, bytes: hex(u32(5), answer, answer) },
    ]),
  )("in %s: the broken frame is told, the request times out", (_, lie) =>
    expectFailure(lie, "TIMEOUT", ["MESSAGE_MALFORMED"]),
  );

  test.each(
    named<Lie>([
      { name: "a header, too long", framing: header, bytes: hex("Content-Length: 100\r\n\r\n", answer) },
      { name: "a prefix, too long", framing: length, bytes: hex(u32(100), answer) },
      { name: "a prefix, above the limit", framing: length, bytes: hex(u32(0xffff_ffff), answer) },
    ]),
  )("in %s: the rest of the frame is waited for, the request times out", (_, lie) => expectFailure(lie, "TIMEOUT", []));
});
