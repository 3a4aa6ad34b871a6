/**
 * What users hand to the library, read from the types of its entries: each member of each object, each function, each
 * value of unknown shape. Whatever is found here is a place where code of a user's can run.
 */

import { join } from "node:path";
import ts from "typescript";
import { root } from "../../support/paths.js";

/** Classes whose instances users get, and never make. */
const INTERNALLY_MADE = new Set(["Channel", "RequestContext"]);
const ENTRIES = ["packages/transport/src/index.ts", "packages/codec-msgpack/src/index.ts"];

/** Names such as `ChannelOptions.onError`, `RequestHandler()` for a function, `Channel.request.params`, `AsyncIterable`. */
export function suppliedByUsers(): string[] {
  const paths = ENTRIES.map((entry) => join(root, entry));
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: unknown };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(paths, { ...options, noEmit: true });
  const walk = new Walk(program.getTypeChecker());
  for (const path of paths) {
    const file = program.getSourceFile(path);
    if (file === undefined) throw new Error(`${path} is no source file`);
    walk.exports(file);
  }
  return [...walk.found].sort();
}

/** Users supply what our functions take; of what they supply, the functions take what is ours, and give what is theirs. */
type Giver = "us" | "user";

class Walk {
  readonly found = new Set<string>();
  readonly #checker: ts.TypeChecker;
  readonly #seen = { us: new Set<ts.Type>(), user: new Set<ts.Type>() };

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  exports(file: ts.SourceFile): void {
    const module = this.#checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${file.fileName} is no module`);
    for (const exported of this.#checker.getExportsOfModule(module)) this.#export(exported);
  }

  #export(exported: ts.Symbol): void {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(exported) : exported;
    if ((symbol.flags & ts.SymbolFlags.Value) === 0) return;
    const type = this.#checker.getTypeOfSymbol(symbol);
    for (const signature of type.getCallSignatures()) this.#signature(signature, "us", symbol.name);
    for (const signature of type.getConstructSignatures()) {
      if (INTERNALLY_MADE.has(symbol.name)) this.#type(signature.getReturnType(), "us", symbol.name);
      else this.#signature(signature, "us", symbol.name);
    }
  }

  #signature(signature: ts.Signature, giver: Giver, name: string): void {
    for (const parameter of signature.getParameters()) {
      const type = this.#checker.getTypeOfSymbol(parameter);
      this.#type(type, giver === "us" ? "user" : "us", `${name}.${parameter.name}`);
    }
    this.#type(signature.getReturnType(), giver, name);
  }

  #type(type: ts.Type, giver: Giver, name: string): void {
    if (type.isUnionOrIntersection()) {
      for (const part of type.types) this.#type(part, giver, name);
    } else if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) {
      if (giver === "user") this.found.add(name);
    } else if (type.flags & ts.TypeFlags.TypeParameter) {
      const bound = type.getConstraint();
      if (bound !== undefined) this.#type(bound, giver, name);
    } else if (type.flags & ts.TypeFlags.Object) {
      this.#object(type as ts.ObjectType, giver, name);
    }
  }

  #object(type: ts.ObjectType, giver: Giver, name: string): void {
    const own = nameOf(type) ?? name;
    if (isForeign(type)) {
      if (giver === "user") this.found.add(own);
      for (const argument of this.#checker.getTypeArguments(type as ts.TypeReference))
        this.#type(argument, giver, name);
      return;
    }
    if (this.#seen[giver].has(type)) return;
    this.#seen[giver].add(type);
    const calls = type.getCallSignatures();
    if (calls.length > 0 && giver === "user") this.found.add(`${own}()`);
    for (const signature of calls) this.#signature(signature, giver, own);
    for (const member of type.getProperties()) this.#member(member, giver, own);
  }

  #member(member: ts.Symbol, giver: Giver, owner: string): void {
    if (/^(#|__[#@])/.test(member.name) || member.flags & ts.SymbolFlags.Prototype) return;
    const name = `${owner}.${member.name}`;
    if (giver === "user") this.found.add(name);
    this.#type(this.#checker.getTypeOfSymbol(member), giver, name);
  }
}

/** The name that the type was declared with, if it has one; of a `Partial`, `Omit` and the like that of its argument. */
function nameOf(type: ts.Type): string | undefined {
  const { aliasSymbol, aliasTypeArguments } = type;
  if (aliasSymbol !== undefined && !isDeclaredElsewhere(aliasSymbol)) return aliasSymbol.name;
  const [argument] = aliasTypeArguments ?? [];
  if (argument !== undefined) return nameOf(argument);
  // The compiler's types say that there is always a symbol.
  const symbol = type.symbol as ts.Symbol | undefined;
  if (symbol === undefined) return undefined;
  return symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface) ? symbol.name : undefined;
}

/** Declared by the language, by Node, or by another package. */
function isForeign(type: ts.Type): boolean {
  return type.aliasSymbol === undefined && isDeclaredElsewhere(type.symbol);
}

function isDeclaredElsewhere(symbol: ts.Symbol | undefined): boolean {
  return (symbol?.declarations ?? []).some((declaration) =>
    declaration.getSourceFile().fileName.includes("/node_modules/"),
  );
}
