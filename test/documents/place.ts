/** An empty folder outside of the repository, with the packed packages installed: where a reader would be. */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { npmFile } from "../../scripts/lib/pnpm.mjs";
import { root } from "../support/paths.js";
import type { Block } from "./blocks.js";

/** What readers install from the registry: of the tools of this repository, and of the peers that its tests talk to. */
const LINKED: Readonly<Record<string, readonly string[]>> = {
  "": ["tsx", "@types/node"],
  test: [
    "@modelcontextprotocol/sdk",
    "@modelcontextprotocol/server-everything",
    "vscode-jsonrpc",
    "vscode-languageserver-protocol",
    "vscode-langservers-extracted",
  ],
};

/** What the documents write for a clone of this repository. */
const CLONE = "/path/to/procwire";

export interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export class Place {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), "procwire documents ")));
  tarballs: readonly string[] = [];

  folderOf(page: string): string {
    return join(this.folder, page.replaceAll(/[^\w]+/g, "-"));
  }

  /** Packs by `npm run tarballs`, as a machine without Rust does, and installs what came of it. */
  async install(): Promise<void> {
    const packed = join(this.folder, "tarballs");
    const env = { ...process.env, PATH: pathWithoutRust(), CARGO_HOME: join(this.folder, "nothing") };
    const made = await this.node([join(root, "scripts", "tarballs.mjs"), packed], this.folder, env);
    if (made.code !== 0) throw new Error(`npm run tarballs failed:\n${made.stdout}${made.stderr}`);
    this.tarballs = readdirSync(packed);
    writeFileSync(join(this.folder, "package.json"), '{ "private": true, "type": "module" }\n');
    const options = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
    const files = this.tarballs.map((name) => join(packed, name));
    const installed = await this.node([npmFile(), "install", ...options, ...files], this.folder);
    if (installed.code !== 0) throw new Error(`npm install failed:\n${installed.stderr}`);
    for (const [project, names] of Object.entries(LINKED)) for (const name of names) this.#link(project, name);
  }

  /** The file of a block, with the place of the clone filled in. */
  write({ page, file, code }: Block): void {
    const path = join(this.folderOf(page), file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.fillIn(code));
  }

  fillIn(text: string): string {
    return text.replaceAll(CLONE, root.replace(/[\\/]$/, "").replaceAll("\\", "/"));
  }

  /** Services of the documents are found by nobody else. */
  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, XDG_RUNTIME_DIR: this.folder };
  }

  node(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = this.#env): Promise<Ended> {
    return this.run(process.execPath, args, cwd, env);
  }

  run(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = this.#env): Promise<Ended> {
    return new Promise((resolve) => {
      const child = execFile(file, args, { cwd, env, timeout: 120_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? String(error.signal)), stdout, stderr });
      });
      child.stdin?.end();
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What a reader would install from the registry, and this repository has. */
  #link(project: string, name: string): void {
    const path = join(this.folder, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(realpathSync(join(root, project, "node_modules", name)), path, "junction");
  }
}

/** Where a system keeps cargo beside its shell it stays: npm needs the shell. */
export function pathWithoutRust(): string {
  return folders()
    .filter((folder) => !has(folder, "cargo") || has(folder, "sh"))
    .join(delimiter);
}

export function cargoIsBesideShell(): boolean {
  return folders().some((folder) => has(folder, "cargo") && has(folder, "sh"));
}

function folders(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter);
}

function has(folder: string, program: string): boolean {
  return [program, `${program}.exe`].some((file) => existsSync(join(folder, file)));
}
