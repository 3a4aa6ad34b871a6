import { workerScript } from "../programs.js";
import type { Rival, EchoValue } from "./contract.js";

export const procwireCore: Rival = {
  id: "procwire-core",
  name: "@procwire/core 1.5",
  what: "its Module and ModuleManager, MessagePack over a socket, and a Node worker on @procwire/client; made for Node 22",
  can: ["add", "text", "document", "bytes", "sum", "notify", "stream", "start"],
  start: async (placement) => {
    const { Module, ModuleManager } = await import("@procwire/core");
    const { file, args } = placement.command(process.execPath, workerScript("core-worker.mjs"));
    const worker = new Module("bench")
      .executable(file, [...args])
      .method("add")
      .method("echo")
      .method("sum_array")
      .method("note", { response: "none" })
      .method("count", { response: "stream" });
    const manager = new ModuleManager();
    manager.register(worker);
    await manager.spawn();
    return {
      add: (a, b) => worker.send("add", { a, b }) as Promise<number>,
      echo: <Value extends EchoValue>(value: Value) => worker.send("echo", { message: value }) as Promise<Value>,
      sum: (numbers) => worker.send("sum_array", { numbers }) as Promise<number>,
      notify: (number) => worker.send("note", { number }),
      items: (count) => worker.stream("count", { to: count }),
      close: () => manager.shutdown(),
    };
  },
};
