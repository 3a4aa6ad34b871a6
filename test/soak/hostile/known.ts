import { nameOf, type Trial } from "./contract.js";

/** Something that is known to break a promise, and is not mended. Whoever mends it strikes it off. */
export interface Known {
  /** What the names of the trials match: `point:behaviour:side:codec`. */
  readonly trials: RegExp;
  readonly because: string;
}

export const known: readonly Known[] = [
  {
    trials:
      /^(handler|handler interceptor|result.*|item of a stream|streamed answer.*|input of a handler .*)\/.*:throws-proxy:/,
    because:
      "replyError looks at what a handler has thrown without a guard; the channel ends, or a rejection is unhandled",
  },
  {
    trials: /^(Framing\.carriesBinary|FrameDecoder\.\w+|Wire\.(peek|salvage)|Codec\.peek).*:throws-proxy:/,
    because: "asMalformed looks at what a layer has thrown without a guard: an uncaught exception",
  },
  {
    trials: /^thrown error\//,
    because: "replyError reads code, message and data of what a handler has thrown without a guard; the channel ends",
  },
  {
    trials:
      /^(params |input (of a request|of a stream|that)|Codec|JsonTextCodec|Framing|Wire|Link).*:(closes|re-enters-and-closes|waits-for-close):/,
    because: "Caller.call registers a request although encoding it has closed the channel",
  },
  {
    trials: /^(onError, what it returns|onNoise|onProgress .*|stderr):rejects:/,
    because: "the promise of an async callback is dropped: its rejection is nobody's",
  },
  {
    trials: /^(interceptor|stream of an interceptor.*)\/.*:(never|waits-for-close):/,
    because: "what an interceptor returns is waited for without a deadline, and beyond the end of the channel",
  },
  {
    trials: /^(Codec\.(encode|decode)|Wire\.\w+)\/after:(never|then-getter|thenable|proxy):/,
    because: "a payload that is none fails in the framing or in join, with an error that is not ENCODE_FAILED",
  },
  {
    trials: /^Link\.(bytes|close|flushed|unref|atTurnEnd)\//,
    because: "what a link of a user's throws leaves half a frame, a request unsettled, or `closed` pending",
  },
  {
    trials: /^FrameDecoder\.unfinishedBytes:/,
    because: "Receiver.inputEnded calls the decoder without a guard",
  },
  { trials: /^signal-like\./, because: "AbortGroups reads the reason, and takes its listener away, without a guard" },
  {
    trials:
      /^(Framing\.decoder|Wire|Protocol)\S*:(throws|throws-undefined|closes-and-throws|proxy|never|thenable|then-getter):parent:/,
    because: "openChannel throws after the worker was started: the worker and its listeners are left",
  },
];

export function isKnown(trial: Trial): boolean {
  return known.some(({ trials }) => trials.test(nameOf(trial)));
}
