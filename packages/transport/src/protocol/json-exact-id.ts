import type { JsonTextCodec } from "../codec/contract.js";
import type { IsLeft } from "../codec/json-numbers.js";
import type { Dialect } from "../dialects/contract.js";
import type { Payload } from "../framing/contract.js";
import { piecesOf } from "../framing/payload.js";
import { ExactId, type AboutRequest, type NotificationMessage } from "./contract.js";
import { rawMember } from "./json-scan.js";

/** Params about a request; of an id whose digits JavaScript's numbers would not give back, the digits as they came. */
export function paramsAbout(codec: JsonTextCodec, params: AboutRequest): Payload | undefined {
  if (params.id instanceof ExactId) return exactParams(codec, params, "id", params.id);
  if (params.token instanceof ExactId) return exactParams(codec, params, "token", params.token);
  return codec.stringify(params);
}

/** The codec writes 0 in the id's place, as the first member. */
function exactParams(codec: JsonTextCodec, params: object, name: string, id: ExactId): Payload | undefined {
  const payload = codec.stringify({ [name]: 0, ...params, [name]: 0 });
  if (payload === undefined) return undefined;
  const [first, ...others] = piecesOf(payload);
  const text = String(first).replace(`{"${name}":0`, () => `{"${name}":${id.text}`);
  return others.length === 0 ? text : [text, ...others];
}

/**
 * Whether a number is the id of a request, in a message or in a batch: of the request itself, or of the one that a
 * notification of the protocol's own is about. Such ids are read by their text.
 */
export function idOfRequestIn(dialect: Dialect): IsLeft {
  return (found, whole) => isIdOfRequest(found, whole, dialect);
}

function isIdOfRequest(found: Parameters<IsLeft>[0], whole: unknown, { isReserved, idIn }: Dialect): boolean {
  if (found.depth > 3) return false;
  const place = found.place();
  const isInBatch = typeof place[0] === "number";
  const names = isInBatch ? place.slice(1) : place;
  if (names.length === 1) return names[0] === "id";
  const { method } = ((isInBatch ? (whole as readonly unknown[])[place[0] as number] : whole) ?? {}) as {
    method?: unknown;
  };
  return (
    names[0] === "params" && names[1] === idIn && names.length === 2 && typeof method === "string" && isReserved(method)
  );
}

/** Gives the id in a control notification's params the digits that it has in the text, where the parser altered it. */
export function withExactParams(
  message: NotificationMessage,
  text: string,
  { isReserved, idIn }: Dialect,
): NotificationMessage {
  if (!isReserved(message.method)) return message;
  const params = message.params as Readonly<Record<string, unknown>> | undefined;
  const id = params?.[idIn];
  if (typeof id !== "number" || Number.isSafeInteger(id)) return message;
  const raw = rawMember(rawMember(text, "params") ?? "", idIn);
  return raw === undefined || raw === String(id)
    ? message
    : { ...message, params: { ...params, [idIn]: new ExactId(raw) } };
}
