// Published language servers, driven by our channel. Each is started once.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createStdioChannel, lsp, type Channel } from "@procwire/transport";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderOf, programOf } from "../support/peers.js";

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Server {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly file: string;
  readonly languageId: string;
  readonly text: string;
  /** Of a name that can be renamed, and how often it is there; `undefined` where the server can't. */
  readonly name?: Position & { readonly uses: number };
  /** Where something can be completed, and with what. */
  readonly completes?: Position & { readonly label: string };
  /** What is said of a mistake; `undefined` where the server says nothing. */
  readonly mistake?: RegExp;
  readonly initializationOptions?: object;
  readonly files?: Readonly<Record<string, string>>;
}

const node = (name: string, program?: string, ...args: readonly string[]): Pick<Server, "command" | "args"> => ({
  command: process.execPath,
  args: [programOf(name, program), ...args],
});

const servers: readonly Server[] = [
  {
    title: "typescript-language-server",
    ...node("typescript-language-server", undefined, "--stdio"),
    file: "a.ts",
    languageId: "typescript",
    text: "const first: number = 'x';\nconsole.log(first);\nfir\n",
    name: { line: 0, character: 7, uses: 2 },
    completes: { line: 2, character: 3, label: "first" },
    mistake: /not assignable/,
    initializationOptions: { tsserver: { path: join(folderOf("typescript-5"), "lib", "tsserver.js") } },
  },
  {
    title: "vscode-json-language-server",
    ...node("vscode-langservers-extracted", "vscode-json-language-server", "--stdio"),
    file: "a.json",
    languageId: "json",
    text: '{"a": 1,, }',
    mistake: /expected/,
  },
  {
    title: "vscode-css-language-server",
    ...node("vscode-langservers-extracted", "vscode-css-language-server", "--stdio"),
    file: "a.css",
    languageId: "css",
    text: ":root { --first: 1px; }\na { width: var(--first); col }",
    name: { line: 0, character: 10, uses: 2 },
    completes: { line: 1, character: 28, label: "color" },
  },
  {
    title: "vscode-html-language-server",
    ...node("vscode-langservers-extracted", "vscode-html-language-server", "--stdio"),
    file: "a.html",
    languageId: "html",
    text: "<div></div>\n<",
    name: { line: 0, character: 2, uses: 2 },
    completes: { line: 1, character: 1, label: "span" },
  },
  {
    title: "bash-language-server",
    ...node("bash-language-server", undefined, "start"),
    file: "a.sh",
    languageId: "shellscript",
    text: "#!/bin/bash\nfirst() { echo 1; }\nfirst\nfir\n",
    name: { line: 1, character: 1, uses: 2 },
    completes: { line: 3, character: 3, label: "first" },
  },
  {
    title: "pyright",
    ...node("pyright", "pyright-langserver", "--stdio"),
    file: "a.py",
    languageId: "python",
    text: "first: int = 'x'\nprint(first)\nfir\n",
    name: { line: 0, character: 1, uses: 2 },
    completes: { line: 2, character: 3, label: "first" },
    mistake: /not assignable|not defined/,
  },
  {
    title: "rust-analyzer",
    command: "rust-analyzer",
    args: [],
    file: "src/main.rs",
    languageId: "rust",
    text: 'fn first() -> u8 { 1 }\nfn main() { println!("{}", first()); fir }\n',
    name: { line: 0, character: 4, uses: 2 },
    completes: { line: 1, character: 40, label: "first" },
    files: { "Cargo.toml": '[package]\nname = "example"\nversion = "0.1.0"\nedition = "2021"\n' },
  },
];

/** rustup has a program of that name also where the component is not installed. */
function isInstalled({ command }: Server): boolean {
  if (command === process.execPath) return true;
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

interface Edit {
  readonly changes?: Readonly<Record<string, readonly unknown[]>>;
  readonly documentChanges?: readonly { readonly edits?: readonly unknown[] }[];
}

interface Item {
  readonly label: string;
}

interface Diagnostics {
  readonly diagnostics: readonly { readonly message: string }[];
}

const known = servers.map((server) => {
  const isThere = isInstalled(server);
  return { ...server, isThere, who: isThere ? server.title : `${server.title}, because it is not installed` };
});

describe.each(known)("$who", (server) => {
  const whenThere = test.skipIf(!server.isThere); // because it is not installed
  /** No test at all of what the server can't do. */
  const whereIt = (can: boolean): typeof whenThere =>
    can ? whenThere : ((() => undefined) as unknown as typeof whenThere);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "procwire lsp ")));
  const rootUri = pathToFileURL(folder).href;
  const textDocument = { uri: pathToFileURL(join(folder, server.file)).href };
  const mistakes: string[] = [];
  const progress: unknown[] = [];
  let channel: Channel;
  let early: Promise<unknown>;
  let capabilities: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    if (!server.isThere) return;
    for (const [name, text] of Object.entries({ ...server.files, [server.file]: server.text })) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    channel = await createStdioChannel(server.command, {
      args: server.args,
      cwd: folder,
      dialect: lsp,
      stderr: "ignore",
      timeout: 60_000,
    });
    channel.onRequest("workspace/configuration", ({ items }: { items: readonly unknown[] }) => items.map(() => null));
    channel.onRequest("window/workDoneProgress/create", () => null);
    channel.onRequest("client/registerCapability", () => null);
    channel.onNotification("$/progress", ({ value }: { value: unknown }) => void progress.push(value));
    channel.onNotification("textDocument/publishDiagnostics", ({ diagnostics }: Diagnostics) => {
      mistakes.push(...diagnostics.map(({ message }) => message));
    });
    const greeting = channel.request<{ capabilities: typeof capabilities }>("initialize", {
      processId: process.pid,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: "example" }],
      initializationOptions: server.initializationOptions ?? {},
      capabilities: {
        window: { workDoneProgress: true },
        workspace: { configuration: true, workspaceFolders: true },
        textDocument: { publishDiagnostics: {}, diagnostic: {}, completion: {}, rename: {}, references: {} },
      },
    });
    // Nothing but the hello arrives before its answer: a server would refuse this, or die of it.
    early = channel.request("textDocument/documentSymbol", { textDocument }).catch((error: unknown) => error);
    ({ capabilities } = await greeting);
    void channel.notify("initialized", {});
    const { languageId, text } = server;
    void channel.notify("textDocument/didOpen", { textDocument: { ...textDocument, languageId, version: 1, text } });
  }, 60_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  whenThere("initialize, and what was asked too early is answered after it", async () => {
    expect(capabilities["textDocumentSync"]).toBeDefined();
    expect(await early).not.toMatchObject({ code: -32002 });
  });

  whereIt(server.completes !== undefined)("completion", { timeout: 60_000 }, async () => {
    const { label, ...position } = server.completes!;
    const complete = async (): Promise<string[]> => {
      const result = await channel.request<{ items: Item[] } | Item[] | null>("textDocument/completion", {
        textDocument,
        position,
      });
      const items = Array.isArray(result) ? result : (result?.items ?? []);
      return items.map((item) => item.label.replace(/\(.*/, ""));
    };
    await expect.poll(complete, { timeout: 50_000 }).toContain(label);
  });

  whereIt(server.name !== undefined)("rename and references", { timeout: 60_000 }, async () => {
    const { uses, ...position } = server.name!;
    const seen: unknown[] = [];
    const onProgress = (value: unknown): void => void seen.push(value);
    const edit = await channel.request<Edit>(
      "textDocument/rename",
      { textDocument, position, newName: server.languageId === "css" ? "--second" : "second" },
      { onProgress },
    );
    const edits =
      edit.documentChanges?.flatMap((change) => change.edits ?? []) ?? Object.values(edit.changes ?? {}).flat();
    expect(edits).toHaveLength(uses);
    expect(seen.every((value) => typeof value === "object")).toBe(true);
    const references: unknown[] = [];
    const params = { textDocument, position, context: { includeDeclaration: true } };
    for await (const reference of channel.stream("textDocument/references", params)) references.push(reference);
    expect(references.length).toBeLessThanOrEqual(uses);
  });

  whereIt(server.mistake !== undefined)("diagnostics", { timeout: 60_000 }, async () => {
    if (capabilities["diagnosticProvider"] !== undefined) {
      const { items } = await channel.request<{ items: { message: string }[] }>("textDocument/diagnostic", {
        textDocument,
      });
      mistakes.push(...items.map(({ message }) => message));
    }
    await expect.poll(() => mistakes.join("\n"), { timeout: 50_000 }).toMatch(server.mistake!);
  });

  whenThere("a request that is cancelled is answered there, and ignored here", async () => {
    const { answersIgnored } = channel.stats();
    const controller = new AbortController();
    const request = channel.request(
      "textDocument/hover",
      { textDocument, position: { line: 0, character: 7 } },
      {
        signal: controller.signal,
      },
    );
    const outcome = request.catch((error: unknown) => error);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("enough"));
    expect(await outcome).toMatchObject({ message: "enough" });
    await expect.poll(() => channel.stats().answersIgnored, { timeout: 20_000 }).toBe(answersIgnored + 1);
  });

  whereIt(server.title === "pyright")("work-done progress that the server begins", () => {
    expect(progress).toEqual(expect.arrayContaining([expect.objectContaining({ kind: "begin" })]));
  });

  whenThere("shutdown and exit: it ends by itself", async () => {
    const { pid } = channel;
    await channel.close();
    expect((await channel.closed).code).toBe("CHANNEL_CLOSED");
    expect(() => process.kill(pid ?? 0, 0)).toThrow("ESRCH");
  });
});
