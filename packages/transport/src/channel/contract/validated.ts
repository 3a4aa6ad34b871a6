import { nameOf } from "../../checks/name-of.js";
import { reasonOf, RpcError } from "../../errors.js";
import { JsonRpcErrorCode } from "../../protocol/error-codes.js";
import type { RequestContext } from "./handlers.js";
import { isThenable } from "./outcome.js";

/** What zod, valibot, arktype and others have in common: https://standardschema.dev, version 1. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** So many issues are told; a long array may have one for each element. */
const MAX_ISSUES = 20;

/**
 * A handler whose params are checked by a schema first: `validated(z.object({ a: z.number() }), ({ a }) => a + 1)`. It gets
 * what the schema makes of them. Others are answered with -32602, which names each wrong place and has the `issues` as data.
 * Throws a `TypeError` for what is no schema.
 */
export function validated<Input, Output, Result>(
  schema: StandardSchema<Input, Output>,
  handler: (params: Output, context: RequestContext) => Result,
): (params: Input, context: RequestContext) => Result | Promise<Awaited<Result>> {
  const { validate } = standardOf(schema);
  if (typeof handler !== "function")
    throw new TypeError(`validated needs a function as handler, not ${nameOf(handler)}.`);
  return (params, context) => {
    const checked = validate(params);
    if (!isThenable(checked)) return handler(outputOf(checked), context);
    return checked.then((result) => handler(outputOf(result), context)) as Promise<Awaited<Result>>;
  };
}

function standardOf<Input, Output>(schema: StandardSchema<Input, Output>): StandardSchema<Input, Output>["~standard"] {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- programs without types
  const isObject = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  const standard = isObject ? schema["~standard"] : undefined;
  if (typeof standard?.validate === "function") return standard;
  throw new TypeError(
    `validated needs a Standard Schema, such as z.object({ ... }) of zod, and then the handler; not ${nameOf(schema)}.`,
  );
}

function outputOf<Output>(result: SchemaResult<Output>): Output {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, MAX_ISSUES).map(({ message, path = [] }) => ({ message, path: placeOf(path) }));
  const texts = issues.map(({ message, path }) => `params${path}: ${message}`);
  throw new RpcError(JsonRpcErrorCode.invalidParams, `Invalid params: ${texts.join("; ")}`, { data: { issues } });
}

/** Such as `.rows[3].when`. */
function placeOf(path: NonNullable<SchemaIssue["path"]>): string {
  return path
    .map((step) => (typeof step === "object" ? step.key : step))
    .map((key) =>
      typeof key === "number" || !/^[A-Za-z_$][\w$]*$/.test(String(key)) ? `[${textOf(key)}]` : `.${String(key)}`,
    )
    .join("");
}

function textOf(key: PropertyKey): string {
  return typeof key === "number" ? String(key) : JSON.stringify(reasonOf(key));
}
