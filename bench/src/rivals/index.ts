import { bareAnswer, bareSpawn } from "./bare-spawn.js";
import { computers } from "./compute.js";
import type { Rival } from "./contract.js";
import { handLoop, handLoopPolling } from "./hand-loop.js";
import { mcp, mcpChannel } from "./mcp.js";
import { nodeIpcAdvanced, nodeIpcJson } from "./node-ipc.js";
import { piscina, piscinaConcurrent } from "./piscina.js";
import { procwireCore } from "./procwire-core.js";
import {
  procwire,
  procwireLogs,
  procwireMessagePack,
  procwireNodeWorker,
  procwireSignal,
  procwireTimeout,
} from "./procwire.js";
import { procwireSocket, procwireTcp } from "./procwire-service.js";
import { published } from "./published.js";
import { rawPipe, rawPipePolling } from "./raw-pipe.js";
import { vscodeJsonrpc } from "./vscode-jsonrpc.js";
import { workerpool } from "./workerpool.js";

/** In the order of the table's rows. */
export const rivals: readonly Rival[] = [
  bareSpawn,
  bareAnswer,
  rawPipe,
  rawPipePolling,
  handLoop,
  handLoopPolling,
  procwire,
  procwireTimeout,
  procwireSignal,
  procwireLogs,
  procwireMessagePack,
  procwireNodeWorker,
  procwireSocket,
  procwireTcp,
  published,
  vscodeJsonrpc,
  nodeIpcJson,
  nodeIpcAdvanced,
  mcp,
  mcpChannel,
  procwireCore,
  piscina,
  piscinaConcurrent,
  workerpool,
  ...computers,
];
