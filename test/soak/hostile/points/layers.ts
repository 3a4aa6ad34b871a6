// Layers of users: codec, framing, protocol and link, each member of theirs, before and after what it does.

import { MessagePackCodec } from "@procwire/codec-msgpack";
import {
  createMemoryByteLinks,
  JsonCodec,
  JsonRpcProtocol,
  LengthPrefixedFraming,
  LineDelimitedFraming,
  type Codec,
  type Framing,
  type ByteLink,
  type Link,
  type Protocol,
  type Wire,
} from "@procwire/transport";
import type { Act, CodecName, HostileOptions, OpenScene, Point } from "../contract.js";
import { FrameLink } from "./frame-link.js";
import { A_PROMISE_IN_A_VALUE } from "./values.js";

type When = "before" | "after";

/** The same object, with one member whose call, or whose look-up, is hostile. */
export function wrapped<Inner extends object>(inner: Inner, member: string, when: When, act: Act): Inner {
  return new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return name === member ? act(value) : value;
      return (...args: unknown[]) => {
        if (name === member && when === "before") act(undefined);
        const result: unknown = Reflect.apply(value, target, args);
        return name === member && when === "after" ? act(result) : result;
      };
    },
  });
}

/** Calls of every kind, in both directions, with answers of every kind; and a line that is no message. */
export function talk({ channel, book }: OpenScene): unknown {
  return Promise.all([
    book.request(channel, "add", { a: 1, b: 2 }),
    book.request(channel, "fail"),
    book.request(channel, "sum", {}, { input: [1, 2] }),
    book.stream(channel, "count", { to: 2 }),
    book.notify(channel, "heard", { value: 1 }),
    book.batch(channel, [
      { method: "add", params: { a: 1, b: 2 } },
      { method: "fail" },
      { method: "heard", notify: true },
    ]),
    book.request(channel, "ask", { kind: "request", method: "echo" }),
    book.request(channel, "ask", { kind: "request", method: "fail" }),
    book.request(channel, "ask", { kind: "batch", method: "add" }),
    book.request(channel, "ask", { kind: "stream", method: "count" }),
    book.request(channel, "print"),
  ]);
}

/** Closes the channel. Whether that goes well is looked at later. */
export function hangUp({ channel }: OpenScene): Promise<void> {
  return (async () => channel.close())().catch(() => undefined);
}

/** A link that has something to hold the process by. */
function refable(link: Link | ByteLink | undefined): ByteLink {
  return Object.assign((link as ByteLink | undefined) ?? createMemoryByteLinks()[0], {
    ref: () => undefined,
    unref: () => undefined,
  });
}

const DECODED = {
  behaviours: ["rejects", "never", "waits-for-close"],
  because: "a request that is answered with a promise settles as that does",
};
const THE_LINKS_OWN = {
  behaviours: ["never"],
  because: "only the link knows when it has flushed and when it is closed",
};

function codecOf(name: CodecName): Codec {
  return name === "json" ? new JsonCodec() : new MessagePackCodec();
}

function framingOf(name: CodecName): Framing {
  return name === "json" ? new LineDelimitedFraming() : new LengthPrefixedFraming();
}

function members(owner: string, names: readonly string[], sides: Point["sides"], make: MakeLayer): Point[] {
  return names.flatMap((member) =>
    (["before", "after"] as const).flatMap((when) =>
      (["json", "msgpack"] as const).map((codec) => ({
        name: `${owner}.${member}/${when}`,
        covers: [`${owner}.${member}`, `${owner}.${member}()`],
        codecs: [codec],
        except: member === "decode" ? DECODED : A_PROMISE_IN_A_VALUE,
        returnsNothing: when === "before",
        isPart: true,
        mayEnd: true,
        ...(sides === undefined ? {} : { sides }),
        options: (act: Act) => make(codec, member, when, act),
        play: talk,
      })),
    ),
  );
}

type MakeLayer = (codec: CodecName, member: string, when: When, act: Act) => ReturnType<NonNullable<Point["options"]>>;

export const layers: readonly Point[] = [
  ...members("Codec", ["binary", "encode", "decode"], undefined, (codec, member, when, act) => ({
    codec: wrapped(codecOf(codec), member, when, act),
  })),
  ...members("JsonTextCodec", ["stringify", "text", "parse"], undefined, (codec, member, when, act) => ({
    codec: wrapped(codecOf(codec), member, when, act),
  })).filter(({ codecs }) => codecs?.includes("json")),
  ...members("Framing", ["carriesBinary", "encode", "decoder"], undefined, (codec, member, when, act) => ({
    framing: wrapped(framingOf(codec), member, when, act),
  })),
  ...members(
    "FrameDecoder",
    ["bytes", "start", "end", "keepsShown", "push", "next"],
    undefined,
    (codec, member, when, act) => {
      const framing = framingOf(codec);
      return {
        framing: {
          name: "hostile",
          carriesBinary: framing.carriesBinary,
          encode: (payload, sink) => {
            framing.encode(payload, sink);
          },
          decoder: (maxMessageBytes) => wrapped(framing.decoder(maxMessageBytes), member, when, act),
        },
      };
    },
  ),
  ...members("Protocol", ["bind"], undefined, (_codec, member, when, act) => ({
    protocol: wrapped(new JsonRpcProtocol(), member, when, act),
  })),
  ...members(
    "Wire",
    ["request", "notification", "control", "result", "error", "join", "decode", "peek", "salvage"],
    undefined,
    (_codec, member, when, act) => {
      const protocol = new JsonRpcProtocol();
      const hostile: Protocol = {
        name: "hostile",
        bind: (codec, maxBatchSize): Wire => wrapped(protocol.bind(codec, maxBatchSize), member, when, act),
      };
      return { protocol: hostile };
    },
  ),
  ...members("Codec", ["peek"], ["memory"], (codec, member, when, act) => ({
    codec: wrapped(codecOf(codec), member, when, act),
  })).filter(({ codecs }) => codecs?.includes("msgpack")),
  // Of a frame above the limit, and of input that has ended.
  ...(["skippedBytes", "unfinishedBytes"] as const).map((member) => ({
    name: `FrameDecoder.${member}`,
    covers: [`FrameDecoder.${member}`, `FrameDecoder.${member}()`],
    codecs: ["json"] as const,
    except: A_PROMISE_IN_A_VALUE,
    isPart: true,
    mayEnd: true,
    options: (act: Act): HostileOptions => {
      const framing = new LineDelimitedFraming();
      return {
        limits: { maxMessageBytes: 4_096 },
        framing: {
          name: "hostile",
          carriesBinary: false,
          encode: (payload, sink) => {
            framing.encode(payload, sink);
          },
          decoder: (maxMessageBytes) => wrapped(framing.decoder(maxMessageBytes), member, "after", act),
        },
      };
    },
    play: ({ channel, book }: OpenScene) => book.request(channel, "large").then(() => book.request(channel, "hang-up")),
  })),
];

/** Of some members of a link, before and after what each does. Links exist where a user opens a channel over one. */
function linkMembers(
  type: "ByteLink" | "Link",
  names: readonly string[],
  open: (given: HostileOptions, wrap: <Own extends object>(link: Own) => Own) => HostileOptions,
): Point[] {
  return names.flatMap((member) =>
    (["before", "after"] as const).map((when): Point => ({
      name: `${type}.${member}/${when}`,
      covers: [`${type}.${member}`, `${type}.${member}()`],
      sides: ["memory"],
      mayEnd: true,
      returnsNothing: when === "before",
      except: member === "close" || member === "flushed" ? THE_LINKS_OWN : A_PROMISE_IN_A_VALUE,
      options: (act, given) => open(given, (link) => wrapped(link, member, when, act)),
      play: (scene) => {
        try {
          scene.channel.unref().ref();
        } catch {
          // These go straight to the link, and so does what it throws straight to the caller.
        }
        return member === "close" ? Promise.all([talk(scene), hangUp(scene)]) : talk(scene);
      },
    })),
  );
}

function givenFraming({ framing }: HostileOptions): Framing {
  return typeof framing === "object" ? framing : new LineDelimitedFraming();
}

const SHARED = ["queuedBytes", "start", "flushed", "atTurnEnd", "close", "ref", "unref"];

const byteLinks = linkMembers("ByteLink", [...SHARED, "text", "bytes"], (given, wrap) => ({
  link: wrap(refable(given.link)),
}));

/** Of frames: they bring no framing along. */
const frameLinks = linkMembers("Link", [...SHARED, "hasStrayText", "send"], (given, wrap) => {
  const link = new FrameLink(refable(given.link), givenFraming(given));
  return { framing: undefined, link: wrap(link) };
});

export const links: readonly Point[] = [...byteLinks, ...frameLinks];
