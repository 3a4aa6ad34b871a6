import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL("../..", import.meta.url));

const PACKAGES: Readonly<Record<string, string>> = {
  ours: "@procwire/transport",
  published: "procwire-transport-published",
  "vscode-jsonrpc": "vscode-jsonrpc",
  "mcp-sdk": "@modelcontextprotocol/sdk",
  piscina: "piscina",
};

/** The version that is installed. */
export function versionOf(client: string): string {
  const name = PACKAGES[client];
  if (name === undefined) throw new Error(`no package is known for ${client}`);
  const manifest = readFileSync(join(bench, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
