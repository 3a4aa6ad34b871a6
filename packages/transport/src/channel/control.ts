import type { NotificationMessage, RequestId } from "../protocol/contract.js";
import type { Routes } from "./receiver.js";

/** Notifications of the protocol's own begin so; those that are not known are ignored. */
export function isControl(method: string): boolean {
  return method.startsWith("$/");
}

type Params = Readonly<Record<string, unknown>>;

/** What one control notification does. A new one is a line in this table. */
const CONTROLS: Readonly<Record<string, (params: Params, routes: Routes) => void>> = Object.freeze({
  "$/cancelRequest": (params, { dispatcher }) => {
    dispatcher.cancel(idOf(params["id"]));
  },
  "$/progress": (params, { caller }) => {
    caller.peek(idOf(params["token"]))?.onProgress?.(params["value"]);
  },
  // A streamed answer: the caller asks for items, the other side sends them.
  "$/stream/pull": (params, { dispatcher }) => {
    dispatcher.pull(idOf(params["id"]), countOf(params["count"]));
  },
  "$/stream/items": (params, { caller }) => {
    receiveItems(idOf(params["id"]), listOf(params["items"]), caller);
  },
  // Inputs of a request: the caller announces and sends them, the other side asks for them.
  "$/input/open": (params, { dispatcher }) => {
    dispatcher.openInput(idOf(params["id"]));
  },
  "$/input/pull": (params, { caller }) => {
    caller.grantInput(idOf(params["id"]), countOf(params["count"]));
  },
  "$/input/items": (params, { dispatcher }) => {
    dispatcher.inputItems(idOf(params["id"]), listOf(params["items"]));
  },
  "$/input/end": (params, { dispatcher }) => {
    dispatcher.inputEnd(idOf(params["id"]));
  },
});

const BY_METHOD = new Map(Object.entries(CONTROLS));

/** Does what a control notification says. What it throws, a user's callback included, is reported. */
export function receiveControl(message: NotificationMessage, routes: Routes, onError: (error: unknown) => void): void {
  const control = BY_METHOD.get(message.method);
  if (control === undefined) return;
  try {
    control(paramsOf(message.params), routes);
  } catch (error) {
    onError(error);
  }
}

/** A stream that gets what it has not asked for is broken, and is ended for that. */
function receiveItems(id: RequestId, items: readonly unknown[], caller: Routes["caller"]): void {
  const request = caller.peek(id);
  try {
    request?.items?.(items);
  } catch (error) {
    if (request !== undefined) caller.abandon(request.id, error);
  }
}

function paramsOf(params: unknown): Params {
  return typeof params === "object" && params !== null ? (params as Params) : {};
}

function idOf(id: unknown): RequestId {
  return typeof id === "number" || typeof id === "string" ? id : null;
}

function countOf(count: unknown): number {
  return Number.isSafeInteger(count) && (count as number) > 0 ? (count as number) : 0;
}

function listOf(items: unknown): readonly unknown[] {
  return Array.isArray(items) ? items : [];
}
