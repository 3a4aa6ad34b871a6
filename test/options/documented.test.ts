// docs/options.md names the options that are checked, all of them and no others; docs/wrong-options.md is what is said.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NATS_CHANNEL_OPTIONS } from "../../packages/nats/src/create-nats-channel.js";
import { EXPOSE_OPTIONS } from "../../packages/nats/src/expose-over-nats.js";
import { EVENTS_OPTIONS } from "../../packages/nats/src/jobs/open-events.js";
import { JOBS_OPTIONS, SERVE_JOBS_OPTIONS } from "../../packages/nats/src/jobs/open-jobs.js";
import { BATCH_CALL } from "../../packages/transport/src/channel/contract/batch.js";
import { CHANNEL_OPTIONS } from "../../packages/transport/src/channel/contract/options.js";
import { REQUEST_OPTIONS } from "../../packages/transport/src/channel/contract/request-options.js";
import { JSON_CODEC_OPTIONS } from "../../packages/transport/src/codec/json.js";
import { RPC_ERROR_DETAILS } from "../../packages/transport/src/errors.js";
import { DEFAULT_LIMITS, LIMITS } from "../../packages/transport/src/limits.js";
import { SHUTDOWN_OPTIONS } from "../../packages/transport/src/node/child/shutdown.js";
import { CONNECT_OPTIONS } from "../../packages/transport/src/node/connect-channel.js";
import { CREATE_CHANNEL_OPTIONS } from "../../packages/transport/src/node/create-channel.js";
import { STDIO_CHANNEL_OPTIONS } from "../../packages/transport/src/node/create-stdio-channel.js";
import { POOL_COMMAND } from "../../packages/transport/src/node/create-stdio-pool.js";
import { LISTEN_OPTIONS } from "../../packages/transport/src/node/listen.js";
import { SERVE_STDIO_OPTIONS } from "../../packages/transport/src/node/serve-stdio.js";
import { TARGET_OPTIONS } from "../../packages/transport/src/node/sockets/target.js";
import { CLIENT_TLS_OPTIONS, SERVICE_TLS_OPTIONS } from "../../packages/transport/src/node/sockets/tls-options.js";
import { BREAKER_OPTIONS } from "../../packages/transport/src/supervise/breaker-options.js";
import { HEARTBEAT_OPTIONS } from "../../packages/transport/src/supervise/heartbeat-options.js";
import { DRAIN_OPTIONS, NOTIFY_OPTIONS } from "../../packages/transport/src/supervise/pool/contract.js";
import { POOL_OPTIONS, RECYCLE_OPTIONS } from "../../packages/transport/src/supervise/pool/options.js";
import { RESTART_OPTIONS } from "../../packages/transport/src/supervise/restart-options.js";
import { RETRY_OPTIONS } from "../../packages/transport/src/supervise/retry.js";
import { root } from "../support/paths.js";
import { wrongOptions } from "./wrong-options.js";

/** The rows of each section, by the first name in its heading. */
function readSections(): Map<string, string[][]> {
  const text = readFileSync(join(root, "docs/options.md"), "utf8");
  const sections = text.split(/^#+ /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [heading = "", ...lines] = section.split("\n");
      const rows = lines.filter((line) => line.startsWith("| `")).map((line) => line.split(" | "));
      return [heading, rows] as const;
    }),
  );
}

const sections = readSections();

function namesUnder(heading: string): string[] {
  const rows = sections.get(heading) ?? [];
  return rows.flatMap(([name = ""]) => [...name.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ""));
}

function own(table: object): string[] {
  return Object.keys(table).filter((name) => !Object.hasOwn(CHANNEL_OPTIONS, name));
}

test.each<[heading: string, names: string[]]>([
  ["Options of all channels", Object.keys(CHANNEL_OPTIONS)],
  ["`createStdioChannel(command, options)`", own(STDIO_CHANNEL_OPTIONS)],
  ["`shutdown`", Object.keys(SHUTDOWN_OPTIONS)],
  ["`restart`", Object.keys(RESTART_OPTIONS)],
  ["`heartbeat`", Object.keys(HEARTBEAT_OPTIONS)],
  ["`breaker`", Object.keys(BREAKER_OPTIONS)],
  ["`createStdioPool(command, options)`", Object.keys(POOL_OPTIONS)],
  ["A program in a list of programs", Object.keys(POOL_COMMAND)],
  ["`recycle`", Object.keys(RECYCLE_OPTIONS)],
  ["`pool.notify` and `pool.drain`", [...Object.keys(NOTIFY_OPTIONS), ...Object.keys(DRAIN_OPTIONS)]],
  ["`retry(options)`", Object.keys(RETRY_OPTIONS)],
  ["`createChannel(options)`", own(CREATE_CHANNEL_OPTIONS)],
  ["`serveStdio(methods, options)`", own(SERVE_STDIO_OPTIONS)],
  ["`listen(methods, options)`", own(LISTEN_OPTIONS)],
  ["`connectChannel(target, options)`", own(CONNECT_OPTIONS)],
  ["The `target`", Object.keys(TARGET_OPTIONS)],
  ["`tls`", Object.keys({ ...SERVICE_TLS_OPTIONS, ...CLIENT_TLS_OPTIONS })],
  ["`limits`", Object.keys(LIMITS)],
  ["`request`, `stream` and `batch`", Object.keys(REQUEST_OPTIONS)],
  ["Each of the `calls` of a batch", Object.keys(BATCH_CALL)],
  ["`new JsonCodec(options)`", Object.keys(JSON_CODEC_OPTIONS)],
  ["`new MessagePackCodec(options)`", ["maxDepth"]],
  ["`new RpcError(code, message, details)`", Object.keys(RPC_ERROR_DETAILS)],
  ["`createNatsChannel(options)`", own(NATS_CHANNEL_OPTIONS)],
  ["`exposeOverNats(channel, options)`", own(EXPOSE_OPTIONS)],
  ["`openJobs(options)`", own(JOBS_OPTIONS)],
  ["`openEvents(options)`", Object.keys(EVENTS_OPTIONS)],
  ["`serveJobs(channel, options)`", Object.keys(SERVE_JOBS_OPTIONS).filter((name) => !(name in JOBS_OPTIONS))],
])("%s: the page has the options that are checked, and no others", (heading, names) => {
  expect(namesUnder(heading).sort()).toEqual([...names].sort());
});

test("the page has no table that is not held against a check", () => {
  const filled = [...sections].filter(([, rows]) => rows.length > 0);
  expect(filled).toHaveLength(28);
});

test.each<[string, number]>(Object.entries(DEFAULT_LIMITS))(
  "the default of limits.%s is on the page: %d",
  (name, value) => {
    const row = sections.get("`limits`")?.find(([first = ""]) => first === `| \`${name}\``);
    expect(row?.[2]).toMatch(new RegExp(`^${value.toLocaleString("en-US")}(?: |$)`));
  },
);

test("the page of wrong options says what is said; `npx vitest run test/options --update` writes it", async () => {
  const rows = wrongOptions.map(
    ({ code, error, message }) =>
      `| ${cell(code)} | \`${error.name}\` | ${message.replace(/, $/, ", ...").replaceAll("|", "\\|")} |`,
  );
  const text = [
    "# Wrong options, and what is said of them",
    "",
    "Written by a test, which makes each of these calls. [options.md](options.md) has the options themselves.",
    "",
    "| call | error | message |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
  await expect(text).toMatchFileSnapshot("../../docs/wrong-options.md");
});

function cell(code: string): string {
  return `\`${code.replaceAll("|", "\\|")}\``;
}
