/** What a handler's outcome is. Looking at it may run code of the handler's, and throw. */
export function kindOf(outcome: unknown): "stream" | "promise" | "value" {
  if (isIterableAsync(outcome)) return "stream";
  return isThenable(outcome) ? "promise" : "value";
}

export function isIterableAsync(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const canBe = typeof value === "function" || (typeof value === "object" && value !== null);
  return canBe && "then" in value && typeof value.then === "function";
}

/**
 * Waits for what user code returned, where nobody else does, and hands on what it fails with. By `await`, because that
 * survives promises and thenables of every kind: those that throw, settle twice, or can't be looked at.
 */
export async function watch(outcome: unknown, onFailure: (error: unknown) => void): Promise<void> {
  try {
    await outcome;
  } catch (error) {
    onFailure(error);
  }
}

/** A promise that has failed with whatever was thrown. */
export function rejected(thrown: unknown): Promise<never> {
  return new Promise(() => {
    throw thrown;
  });
}

/** The promise, which may be left alone: its rejection is heard by whoever waits for it, and by nobody else. */
export function quiet<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}
