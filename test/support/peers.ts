import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The program of an installed package, as a file that Node runs. */
export function programOf(name: string, program?: string): string {
  const manifest = findManifest(name);
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: string | Record<string, string> };
  const file = typeof bin === "string" ? bin : (bin[program ?? ""] ?? Object.values(bin)[0]);
  return join(dirname(manifest), String(file));
}

/** The folder of an installed package. */
export function folderOf(name: string): string {
  return dirname(findManifest(name));
}

function findManifest(name: string): string {
  const folders = require.resolve.paths(name) ?? [];
  for (const folder of folders) {
    const file = join(folder, name, "package.json");
    if (isFile(file)) return file;
  }
  throw new Error(`${name} is not installed`);
}

function isFile(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
