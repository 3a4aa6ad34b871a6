import type { Rival } from "./contract.js";
import { handLoop, handLoopPolling } from "./hand-loop.js";
import { nodeIpcAdvanced, nodeIpcJson } from "./node-ipc.js";
import { procwire, procwireLogs, procwireMessagePack, procwireNodeWorker } from "./procwire.js";
import { published } from "./published.js";
import { rawPipe, rawPipePolling } from "./raw-pipe.js";
import { vscodeJsonrpc } from "./vscode-jsonrpc.js";

/** In the order of the table's rows. */
export const rivals: readonly Rival[] = [
  rawPipe,
  rawPipePolling,
  handLoop,
  handLoopPolling,
  procwire,
  procwireLogs,
  procwireMessagePack,
  procwireNodeWorker,
  published,
  vscodeJsonrpc,
  nodeIpcJson,
  nodeIpcAdvanced,
];
