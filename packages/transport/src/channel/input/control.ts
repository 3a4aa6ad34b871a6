import { ExactId, type NotificationMessage, type RequestId } from "../../protocol/contract.js";
import { isThenable, watch } from "../contract/outcome.js";
import type { Routes } from "./routes.js";

/** Notifications of the protocol's own begin so. */
export function isControl(method: string): boolean {
  return method.startsWith("$/");
}

type Params = Readonly<Record<string, unknown>>;

/** What one control notification about the request `id` does. A new one is a line in this table. */
const CONTROLS: Readonly<Record<string, (id: RequestId, params: Params, routes: Routes, bytes: number) => void>> =
  Object.freeze({
    "$/cancelRequest": (id, _params, { dispatcher }) => {
      dispatcher.cancel(id);
    },
    // A streamed answer: the caller asks for items, the other side sends them.
    "$/stream/pull": (id, params, { dispatcher }) => {
      dispatcher.pull(id, countOf(params["count"]));
    },
    "$/stream/items": (id, params, { caller }, bytes) => {
      receiveItems(id, listOf(params["items"]), bytes, caller);
    },
    // Inputs of a request: the caller announces and sends them, the other side asks for them.
    "$/input/open": (id, _params, { dispatcher }) => {
      dispatcher.openInput(id);
    },
    "$/input/pull": (id, params, { caller }) => {
      caller.grantInput(id, countOf(params["count"]));
    },
    "$/input/items": (id, params, { dispatcher }, bytes) => {
      dispatcher.inputItems(id, listOf(params["items"]), bytes);
    },
    "$/input/end": (id, _params, { dispatcher }) => {
      dispatcher.inputEnd(id);
    },
  });

const BY_METHOD = new Map(Object.entries(CONTROLS));

/**
 * Does what a control notification says. What it throws, a user's callback included, is reported.
 *
 * @param bytes the size of the frame that it came in
 */
export function receiveControl(
  message: NotificationMessage,
  bytes: number,
  routes: Routes,
  onError: (error: unknown) => void,
): void {
  const params = paramsOf(message.params);
  const control = BY_METHOD.get(message.method);
  try {
    if (control !== undefined) {
      const id = idOf(params["id"]);
      if (id !== undefined) control(id, params, routes, bytes);
    } else if (message.method !== "$/progress" || !receiveProgress(params, routes, onError)) {
      // Dialects have more of them, such as the work-done progress of language servers: whoever handles one gets it.
      routes.notifications.deliverIfHandled(message, bytes);
    }
  } catch (error) {
    onError(error);
  }
}

/** False when the progress is of no request of this side. */
function receiveProgress(params: Params, { caller }: Routes, onError: (error: unknown) => void): boolean {
  const token = idOf(params["token"]);
  const request = token === undefined ? undefined : caller.peek(token);
  const outcome = request?.extra?.onProgress?.(params["value"]);
  if (isThenable(outcome)) void watch(outcome, onError);
  return request !== undefined;
}

/** A stream that gets what it has not asked for is broken, and is ended for that; so is one of which too much waits. */
function receiveItems(id: RequestId, items: readonly unknown[], bytes: number, caller: Routes["caller"]): void {
  const request = caller.peek(id);
  try {
    request?.extra?.items?.(items, bytes);
  } catch (error) {
    if (request !== undefined) caller.abandon(request.id, error);
  }
}

function paramsOf(params: unknown): Params {
  return typeof params === "object" && params !== null ? (params as Params) : {};
}

export function idOf(id: unknown): RequestId | undefined {
  const isId = typeof id === "number" || typeof id === "string" || id === null || typeof id === "bigint";
  return isId || id instanceof ExactId ? id : undefined;
}

function countOf(count: unknown): number {
  return Number.isSafeInteger(count) && (count as number) > 0 ? (count as number) : 0;
}

function listOf(items: unknown): readonly unknown[] {
  return Array.isArray(items) ? items : [];
}
