import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The Python that is found, if it is new enough; its tests say why they are skipped. */
export const python: string | undefined = ["python3", "python"].find(isNewEnough);

export const NO_PYTHON = "(because there is no Python 3.9 or newer here)";

/** A worker that serves the methods of the conformance sessions. */
export const pythonWorker: string = fileURLToPath(new URL("../conformance/workers/worker.py", import.meta.url));

function isNewEnough(command: string): boolean {
  const { status } = spawnSync(command, ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]);
  return status === 0;
}
