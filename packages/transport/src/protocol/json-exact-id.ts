import type { JsonTextCodec } from "../codec/contract.js";
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

/** Gives the id in a control notification's params the digits that it has in the text, where the parser altered it. */
export function withExactParams(message: NotificationMessage, text: string): NotificationMessage {
  if (!message.method.startsWith("$/")) return message;
  const params = message.params as { readonly id?: unknown } | undefined;
  const id = params?.id;
  if (typeof id !== "number" || Number.isSafeInteger(id)) return message;
  const raw = rawMember(rawMember(text, "params") ?? "", "id");
  return raw === undefined || raw === String(id)
    ? message
    : { ...message, params: { ...params, id: new ExactId(raw) } };
}
