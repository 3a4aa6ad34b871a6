import type { Channel } from "../channel/contract/channel.js";
import { LinkChannel, type Life } from "../channel/link-channel.js";
import type { ChannelParts } from "../channel/contract/parts.js";
import { composeHandler, composeRequest } from "../channel/contract/interceptors.js";
import { isThenable, watch } from "../channel/contract/outcome.js";
import { assertCompatible, resolveTimeout, type ChannelOptions } from "../channel/contract/options.js";
import { JsonCodec } from "../codec/json.js";
import { decodeText } from "./decode-text.js";
import { requestTracer } from "./diagnostics.js";
import { LineDelimitedFraming } from "../framing/line-delimited.js";
import { resolveLimits } from "../limits.js";
import type { Framing } from "../framing/contract.js";
import { isByteLink, type ByteLink } from "../link/byte-link.js";
import type { Link } from "../link/contract.js";
import { FramedLink } from "../link/framed-link.js";
import { jsonRpc } from "../dialects/json-rpc.js";
import { JsonRpcProtocol } from "../protocol/json-rpc.js";
import { writeToStderr } from "./streams/own-stderr.js";

/** The checked options, with the defaults filled in: all of a channel but its link. */
export interface Stack extends Omit<ChannelParts, "link" | "answersUnreadable" | "farewell" | "pid"> {
  readonly framing: Framing;
}

/** Checks the options. Throws before anything is started: `RangeError`, or `ENCODE_FAILED` for a stack that can't work. */
export function resolveStack(options: ChannelOptions): Stack {
  const limits = resolveLimits(options.limits);
  const framing = options.framing ?? new LineDelimitedFraming();
  const codec = options.codec ?? new JsonCodec({ maxDepth: limits.maxDepth, decodeText });
  assertCompatible(framing, codec);
  return {
    framing,
    dialect: jsonRpc,
    wire: (options.protocol ?? new JsonRpcProtocol()).bind(codec, limits.maxBatchSize, jsonRpc),
    limits,
    timeout: resolveTimeout(options.timeout),
    whenFull: options.whenFull ?? "fail",
    notificationOverflow: options.notificationOverflow ?? "drop-oldest",
    requestInterceptor: composeRequest(options.interceptors),
    handlerInterceptor: composeHandler(options.handlerInterceptors),
    tracer: requestTracer,
    onError: guarded(options.onError ?? printError),
    onNoise: options.onNoise ?? printNoise,
  };
}

/** @param link one of bytes gets the framing of the stack */
export function openChannel(
  stack: Stack,
  link: Link | ByteLink,
  rest: Partial<Pick<ChannelParts, "answersUnreadable" | "farewell" | "pid">>,
  life?: Life,
): Channel {
  const parts = {
    answersUnreadable: false,
    farewell: undefined,
    pid: undefined,
    ...rest,
    ...stack,
    link: framed(stack, link),
  };
  return new LinkChannel(parts, life);
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
