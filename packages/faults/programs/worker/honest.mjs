// What a worker answers when it does not misbehave, so that clients of several protocols get as far as their first call.

/** Said before the first call, or beside the calls: no fault applies to these. */
const MANNERS = new Set(["initialize", "server/discover", "ping", "$/ping", "shutdown", "tools/list"]);

/** @param {string} method */
export function isManners(method) {
  return MANNERS.has(method);
}

/** @typedef {{ protocolVersion?: unknown, arguments?: unknown }} Known */

/** The params themselves, unless the method belongs to a protocol. @param {string} method @param {unknown} params */
export function honestResult(method, params) {
  const { protocolVersion, arguments: given } = /** @type {Known} */ (params ?? {});
  const serverInfo = { name: "procwire-faults", version: "0.1.0" };
  switch (method) {
    case "initialize":
      return protocolVersion === undefined
        ? { capabilities: {}, serverInfo }
        : { protocolVersion, capabilities: { tools: {} }, serverInfo };
    case "tools/list":
      return { tools: [] };
    case "tools/call":
      return { content: [{ type: "text", text: JSON.stringify(given ?? null) }] };
    case "shutdown":
      return null;
    default:
      return params ?? {};
  }
}
