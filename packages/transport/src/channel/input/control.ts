import type { Control } from "../../dialects/contract.js";
import { ExactId, type NotificationMessage, type RequestId } from "../../protocol/contract.js";
import type { ChannelParts } from "../contract/parts.js";
import { isThenable, watch } from "../contract/outcome.js";
import type { Routes } from "./routes.js";

type Params = Readonly<Record<string, unknown>>;

type Receive = (id: RequestId, params: Params, routes: Routes, bytes: number) => void;

/** What a notification about the request `id` does. A new one is a line in this table. */
const RECEIVE: Readonly<Record<Exclude<Control, "progress">, Receive>> = Object.freeze({
  cancel: (id, _params, { incoming }) => {
    incoming.cancel(id);
  },
  // A streamed answer: the caller asks for items, the other side sends them.
  "stream-pull": (id, params, { incoming }) => {
    incoming.pull(id, countOf(params["count"]));
  },
  "stream-items": (id, params, { outgoing }, bytes) => {
    receiveItems(id, listOf(params["items"]), bytes, outgoing);
  },
  // Inputs of a request: the caller announces and sends them, the other side asks for them.
  "input-open": (id, _params, { incoming }) => {
    incoming.openInput(id);
  },
  "input-pull": (id, params, { outgoing }) => {
    outgoing.grantInput(id, countOf(params["count"]));
  },
  "input-items": (id, params, { incoming }, bytes) => {
    incoming.inputItems(id, listOf(params["items"]), bytes);
  },
  "input-end": (id, _params, { incoming }) => {
    incoming.inputEnd(id);
  },
});

/** Which notification says what, in the dialect, and who hears what goes wrong with it. */
export function controlsOf({ dialect, onError }: ChannelParts): Pick<Routes, "dialect" | "controls" | "onError"> {
  const controls = Object.entries(dialect.controls).map(([control, method]) => [method, control as Control] as const);
  return { dialect, controls: new Map(controls), onError };
}

/**
 * Does what a control notification says. What it throws, a user's callback included, is reported.
 *
 * @param control what it says; `undefined` where only the dialect knows
 * @param bytes the size of the frame that it came in
 */
export function receiveControl(
  message: NotificationMessage,
  control: Control | undefined,
  bytes: number,
  routes: Routes,
): void {
  const params = paramsOf(message.params);
  try {
    if (control !== undefined && control !== "progress") {
      const id = idOf(params[routes.dialect.idIn]);
      if (id !== undefined) RECEIVE[control](id, params, routes, bytes);
    } else if (control === undefined || !receiveProgress(params, routes, bytes)) {
      // Dialects have more of them, such as the work-done progress of language servers: whoever handles one gets it.
      routes.notifications.deliverIfHandled(message, bytes);
    }
  } catch (error) {
    routes.onError(error);
  }
}

/** False when the progress is of no request of this side. */
function receiveProgress(params: Params, { dialect, outgoing, onError }: Routes, bytes: number): boolean {
  const { id, value, items } = dialect.readProgress(params);
  const known = idOf(id);
  const request = known === undefined ? undefined : outgoing.peek(known);
  if (request !== undefined && items !== undefined) {
    receiveItems(request.id, items, bytes, outgoing);
    return true;
  }
  const onProgress = request?.extra?.onProgress;
  // Where progress has a token, a number may be one that the user has chosen, and only happens to be an id as well.
  if (onProgress === undefined) return request !== undefined && dialect.withTokens === undefined;
  const outcome = onProgress(value);
  if (isThenable(outcome)) void watch(outcome, onError);
  return true;
}

/** A stream that gets what it has not asked for is broken, and is ended for that; so is one of which too much waits. */
function receiveItems(id: RequestId, items: readonly unknown[], bytes: number, outgoing: Routes["outgoing"]): void {
  const request = outgoing.peek(id);
  try {
    request?.extra?.items?.take(items, bytes);
  } catch (error) {
    if (request !== undefined) outgoing.abandon(request.id, error);
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
