import type { ErrorObject, Message, Payload, Piece, RequestId, Wire } from "@procwire/transport";
import { piecesOf, type Control, type Dialect } from "@procwire/transport/extend";
import type { Aside, Asides } from "./asides.js";

/** What a message is about, for a link that must know where it goes. */
export type About =
  | { readonly kind: "request"; readonly id: number; readonly method: string; readonly aside: Aside | undefined }
  | { readonly kind: "notification"; readonly method: string; readonly aside: Aside | undefined }
  | { readonly kind: "control"; readonly control: Control | undefined; readonly about: AboutRequest }
  | { readonly kind: "answer"; readonly id: RequestId };

/** What a control says of its request. */
interface AboutRequest {
  readonly id?: RequestId;
  readonly token?: RequestId;
  readonly count?: unknown;
}

/** A payload that knows what it is about. */
export interface Routed extends Array<Piece> {
  about: About;
}

/** Sees each message that has arrived before the channel does, and may put another in its place. */
type Inspect = (message: Message) => Message;

/** A wire whose payloads know what they are about. */
export interface RoutedWire extends Wire {
  /** Whoever listens to what arrives; the link of the moment. */
  inspect: Inspect;
}

export function createRoutedWire(wire: Wire, dialect: Dialect, asides: Asides): RoutedWire {
  const controls = controlNames(dialect);
  return {
    ...wire,
    inspect: (message) => message,
    request: (id, method, params) => {
      const aside = asides.current;
      return routed(wire.request(id, method, params), { kind: "request", id, method, aside });
    },
    notification: (method, params) => {
      const aside = asides.current;
      return routed(wire.notification(method, params), { kind: "notification", method, aside });
    },
    control: (method, params) =>
      routed(wire.control(method, params), { kind: "control", control: controls.get(method), about: params }),
    result: (id, result) => routed(wire.result(id, result), { kind: "answer", id }),
    error: (id: RequestId, error: ErrorObject) => routed(wire.error(id, error), { kind: "answer", id }),
    decode(bytes, start, end) {
      return this.inspect(wire.decode(bytes, start, end));
    },
  };
}

function controlNames({ controls }: Dialect): ReadonlyMap<string, Control> {
  return new Map(Object.entries(controls).map(([control, method]) => [method, control as Control]));
}

function routed(payload: Payload, about: About): Routed {
  return Object.assign([...piecesOf(payload)], { about });
}

export function isRouted(payload: Payload): payload is Routed {
  return Array.isArray(payload) && "about" in payload;
}
