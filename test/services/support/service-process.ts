import { onTestFinished } from "vitest";
import { ServiceProcess, type Language } from "../../support/service-process.js";

/** Ready for commands; killed when the test is over. */
export async function startServiceProcess(language?: Language): Promise<ServiceProcess> {
  const service = new ServiceProcess(language);
  onTestFinished(() => service.kill());
  await service.tell({ do: "nothing" });
  return service;
}
