import { onTestFinished } from "vitest";
import { ServiceProcess } from "../../support/service-process.js";

/** Ready for commands; killed when the test is over. */
export async function startServiceProcess(): Promise<ServiceProcess> {
  const service = new ServiceProcess();
  onTestFinished(() => service.kill());
  await service.tell({ do: "nothing" });
  return service;
}
