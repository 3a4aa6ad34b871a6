/** The rows and columns of the README's table: which tests prove what, by their names. */

/** A column: a test belongs to it whose own name says so. */
export interface Feature {
  readonly title: string;
  readonly says: RegExp;
}

export const features: readonly Feature[] = [
  {
    title: "calls, results, errors",
    says: /tools|results?|answers|complet|resources|prompt|logging|calls|error|words|keeps|Rust worker|both ways|diagnostics|rename/i,
  },
  { title: "hello and goodbye", says: /initialize|shutdown|exits?\b|end of its input|ends|disconnects|greeted/i },
  { title: "cancel", says: /cancel/i },
  { title: "progress", says: /progress|updates|partial/i },
  {
    title: "its requests to us",
    says: /requests? (?:and notifications )?of (?:the )?(?:agent|server|worker)|requests that the worker|notifications both|roots/i,
  },
  { title: "many or large", says: /hundreds|megabytes|many|thousands|large|more than is allowed/i },
];

/** A row: the tests of a file, or of those whose whole name begins so. */
export interface Peer {
  readonly title: string;
  readonly version?: string;
  readonly file: string;
  readonly begins?: string;
}

export const peers: readonly Peer[] = [
  { title: "MCP: server-everything", file: "mcp-servers", begins: "@modelcontextprotocol/server-everything" },
  { title: "MCP: server-filesystem", file: "mcp-servers", begins: "@modelcontextprotocol/server-filesystem" },
  { title: "MCP: server-memory", file: "mcp-servers", begins: "@modelcontextprotocol/server-memory" },
  { title: "MCP: the SDK's client, our server", file: "mcp-sdk" },
  { title: "MCP: the SDK's client over `@procwire/mcp`", file: "mcp-adapter" },
  { title: "LSP: typescript-language-server", file: "language-servers", begins: "typescript-language-server" },
  { title: "LSP: vscode-json-language-server", file: "language-servers", begins: "vscode-json-language-server" },
  { title: "LSP: vscode-css-language-server", file: "language-servers", begins: "vscode-css-language-server" },
  { title: "LSP: vscode-html-language-server", file: "language-servers", begins: "vscode-html-language-server" },
  { title: "LSP: bash-language-server", file: "language-servers", begins: "bash-language-server" },
  { title: "LSP: pyright", file: "language-servers", begins: "pyright" },
  { title: "LSP: rust-analyzer", file: "language-servers", begins: "rust-analyzer" },
  { title: "LSP: a client by hand, our server", file: "lsp-worker" },
  { title: "vscode-jsonrpc, at either end", file: "vscode-jsonrpc" },
  { title: "vscode-jsonrpc over `@procwire/vscode-jsonrpc`", file: "vscode-jsonrpc-adapter" },
  { title: "ACP: an agent by the SDK", file: "acp-sdk", begins: "an agent" },
  { title: "ACP: the SDK's client, our agent", file: "acp-sdk", begins: "a client" },
  { title: "DAP: @vscode/debugadapter", file: "debug-adapters", begins: "debug-adapter.ts" },
  { title: "DAP: our adapter", file: "debug-adapters", begins: "dap-worker.ts" },
];
