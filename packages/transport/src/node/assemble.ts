import type { Life } from "../channel/life.js";
import { LinkChannel } from "../channel/link-channel.js";
import type { ChannelParts } from "../channel/contract/parts.js";
import { composeHandler, composeRequest } from "../channel/contract/interceptors.js";
import { isThenable, watch } from "../channel/contract/outcome.js";
import { assertCompatible, timeoutOf, type ChannelOptions } from "../channel/contract/options.js";
import { JsonCodec } from "../codec/json.js";
import { RawCodec } from "../codec/raw.js";
import type { Codec } from "../codec/contract.js";
import { decodeText } from "./decode-text.js";
import { requestTracer } from "./diagnostics.js";
import { ContentLengthFraming } from "../framing/content-length.js";
import { LengthPrefixedFraming } from "../framing/length-prefixed.js";
import { LineDelimitedFraming } from "../framing/line-delimited.js";
import { DEFAULT_LIMITS, type Limits } from "../limits.js";
import type { Framing } from "../framing/contract.js";
import { isByteLink, type ByteLink } from "../link/byte-link.js";
import type { Link } from "../link/contract.js";
import { FramedLink } from "../link/framed-link.js";
import { jsonRpc } from "../dialects/json-rpc.js";
import type { Dialect } from "../dialects/contract.js";
import type { Protocol } from "../protocol/contract.js";
import { DapProtocol } from "../protocol/dap.js";
import { JsonRpcProtocol } from "../protocol/json-rpc.js";
import { DEFAULT_GRACE_MS } from "./child/shutdown.js";
import { writeToStderr } from "./streams/own-stderr.js";

const WARN_AFTER_MS = 5_000;

/** What depends on who opens the channel. */
type Rest = Partial<Pick<ChannelParts, "answersUnreadable" | "farewell" | "onFarewell" | "pid" | "onHandlerError">>;

/** The checked options, with the defaults filled in: all of a channel but its link. */
export interface Stack extends Omit<ChannelParts, "link" | keyof Rest> {
  readonly framing: Framing;
  /** The codec's name. */
  readonly codec: string;
}

/**
 * Fills in the defaults. Throws before anything is started: `ENCODE_FAILED` for a stack that can't work.
 *
 * @param options that have been checked
 */
export function resolveStack(options: ChannelOptions): Stack {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { dialect = jsonRpc } = options;
  const framing = framingOf(options.framing ?? dialect.framing);
  const codec = codecOf(options.codec, limits);
  const protocol = protocolOf(options.protocol ?? dialect.protocol);
  assertCompatible(framing, codec);
  return {
    framing,
    codec: codec.name,
    dialect,
    wire: protocol.bind(codec, limits.maxBatchSize, dialect),
    limits,
    timeout: timeoutOf(options.timeout),
    sendsCancel: options.sendCancel ?? true,
    warnAfterMs: options.warnAfterMs ?? WARN_AFTER_MS,
    speaks: `${framing.name} ${codec.name}`,
    whenFull: options.whenFull ?? "fail",
    notificationOverflow: options.notificationOverflow ?? "drop-oldest",
    requestInterceptor: composeRequest(options.interceptors),
    handlerInterceptor: composeHandler(options.handlerInterceptors),
    tracer: requestTracer,
    onError: guarded(options.onError ?? printError),
    onNoise: options.onNoise ?? printNoise,
  };
}

function framingOf(given: Exclude<ChannelOptions["framing"], undefined>): Framing {
  switch (given) {
    case "line-delimited":
    case "line":
      return new LineDelimitedFraming();
    case "length-prefixed":
    case "length":
      return new LengthPrefixedFraming();
    case "content-length":
      return new ContentLengthFraming();
    default:
      return given;
  }
}

function protocolOf(given: Protocol | Dialect["protocol"]): Protocol {
  if (given === "json-rpc") return new JsonRpcProtocol();
  return given === "dap" ? new DapProtocol() : given;
}

function codecOf(given: ChannelOptions["codec"] = "json", { maxDepth }: Limits): Codec {
  if (given === "json") return new JsonCodec({ maxDepth, decodeText });
  return given === "raw" ? new RawCodec() : given;
}

/** @param link one of bytes gets the framing of the stack */
export function openChannel(stack: Stack, link: Link | ByteLink, rest: Rest, life?: Life<LinkChannel>): LinkChannel {
  const parts = {
    answersUnreadable: false,
    farewell: undefined,
    pid: undefined,
    ...rest,
    ...stack,
    // A stack serves many channels, those of a service for one.
    wire: stack.wire.anew?.() ?? stack.wire,
    link: framed(stack, link),
  };
  return new LinkChannel(parts, life);
}

/**
 * The goodbye over a link: a session's, where the dialect has those. Plain JSON-RPC says it to processes only: who is at the
 * other end of a link need not be ours to end.
 */
export function farewellOver({ dialect: { hello, goodbye } }: Stack): ChannelParts["farewell"] {
  return hello === undefined || goodbye === undefined ? undefined : { ...goodbye, graceMs: DEFAULT_GRACE_MS };
}

/** A link of frames. */
export function framed({ framing, limits }: Stack, link: Link | ByteLink): Link {
  return isByteLink(link) ? new FramedLink(link, framing, limits.maxMessageBytes) : link;
}

/** What is called from everywhere must not throw: a mistake in it would end the channel. */
function guarded(onError: (error: unknown) => unknown): (error: unknown) => void {
  return (error) => {
    try {
      const outcome = onError(error);
      if (isThenable(outcome)) void watch(outcome, printError);
    } catch (mistake) {
      printError(mistake);
    }
  };
}

function printError(error: unknown): void {
  console.error("procwire:", error);
}

function printNoise(text: string): void {
  writeToStderr(`${text}\n`);
}
