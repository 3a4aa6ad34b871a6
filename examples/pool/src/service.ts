/** The web service: GET /hash?data=TEXT and GET /factorize?n=NUMBER, answered as JSON. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Way } from "./ways.js";

/** Listens on a free port of this machine. */
export async function startService(way: Way): Promise<Server> {
  const server = createServer((request, response) => {
    // While the service ends, no connection is kept for the next request.
    if (!server.listening) response.setHeader("Connection", "close");
    void answer(way, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

export function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the service does not listen on a port");
  return `http://127.0.0.1:${address.port}`;
}

/** Takes no more requests, and resolves when all that were made have been answered. */
export async function stopService(server: Server, way: Way): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await closed;
  await way.drain();
}

async function answer(way: Way, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const say = (status: number, value: unknown): void => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
  };
  const params = paramsOf(pathname, searchParams);
  if (params === undefined) {
    say(404, { error: "Ask for /hash?data=TEXT or /factorize?n=NUMBER." });
    return;
  }
  try {
    say(200, await way.run(pathname.slice(1), params));
  } catch (error) {
    say(500, { error: error instanceof Error ? error.message : String(error) });
  }
}

function paramsOf(pathname: string, given: URLSearchParams): object | undefined {
  const n = Number(given.get("n"));
  if (pathname === "/factorize" && Number.isSafeInteger(n) && n > 0) return { n };
  return pathname === "/hash" ? { data: given.get("data") ?? "" } : undefined;
}
