import type { TypedChannel } from "@procwire/transport";
import { expectTypeOf, test } from "vitest";
import type { CompletionItem, CompletionList, Hover, PublishDiagnosticsParams } from "vscode-languageserver-protocol";
import type { LanguageServerApi as Api, LanguageServerEvents as Events } from "../src/index.js";

type Channel = TypedChannel<Api, Events, Api, Events>;

/** Never called: only its types are of interest. */
async function calls(channel: Channel): Promise<void> {
  const at = { textDocument: { uri: "file:///a" }, position: { line: 0, character: 0 } };
  expectTypeOf(await channel.request("textDocument/hover", at)).toEqualTypeOf<Hover | null>();
  expectTypeOf(await channel.request("textDocument/completion", at)).toEqualTypeOf<
    CompletionList | CompletionItem[] | null
  >();
  await channel.request("shutdown");
  await channel.notify("initialized", {});
  await channel.notify("exit");
  channel.onNotification("textDocument/publishDiagnostics", (params) => {
    expectTypeOf(params).toEqualTypeOf<PublishDiagnosticsParams>();
  });
  channel.onRequest("workspace/configuration", ({ items }) => items.map(() => null));
  // @ts-expect-error -- the position is missing
  await channel.request("textDocument/hover", { textDocument: { uri: "file:///a" } });
  // @ts-expect-error -- there is no such method
  await channel.request("textDocument/hovers", at);
  // @ts-expect-error -- a request is no notification
  await channel.notify("textDocument/hover", at);
}

test("a channel is typed by the protocol's declarations", () => {
  expectTypeOf(calls).toBeFunction();
  // Each is a name of its own: none is lost to a wider one.
  expectTypeOf<string extends keyof Api ? true : false>().toEqualTypeOf<false>();
  expectTypeOf<"textDocument/rename" extends keyof Api ? true : false>().toEqualTypeOf<true>();
});
