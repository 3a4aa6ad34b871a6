/** How a rival looks in the plots: the same in all of them. */

export interface Look {
  readonly color: string;
  readonly dash: boolean;
  readonly width: number;
  /** Drawn only when its name in the legend is clicked. */
  readonly hidden: boolean;
}

/** Readable on white and on black. */
const COLORS: Readonly<Record<string, string>> = {
  "bare-spawn": "#8a8f98",
  "bare-answer": "#8a8f98",
  "raw-pipe": "#8a8f98",
  "raw-pipe-polling": "#8a8f98",
  "hand-loop": "#d08700",
  "hand-loop-polling": "#d08700",
  procwire: "#2f7cf6",
  "procwire-timeout": "#6ea8ff",
  "procwire-signal": "#6ea8ff",
  "procwire-logs": "#6ea8ff",
  "procwire-msgpack": "#00a6c8",
  "procwire-node-worker": "#7b61ff",
  published: "#a0703c",
  "vscode-jsonrpc": "#e0459b",
  "node-ipc-json": "#2e9e5b",
  "node-ipc-advanced": "#2e9e5b",
  "mcp-sdk": "#e5484d",
  "procwire-core": "#9a9a00",
  piscina: "#b04fd0",
  "compute-node": "#2e9e5b",
  "compute-rust": "#d08700",
  "compute-ours-recursive": "#6ea8ff",
  "compute-ours": "#2f7cf6",
};

const DASHED = new Set(["raw-pipe-polling", "hand-loop-polling", "node-ipc-advanced", "procwire-signal"]);
const HIDDEN = new Set(["procwire-timeout", "procwire-signal", "procwire-logs", "published"]);

export function lookOf(rival: string): Look {
  return {
    color: COLORS[rival] ?? "#8a8f98",
    dash: DASHED.has(rival),
    width: rival === "procwire" ? 3 : 1.5,
    hidden: HIDDEN.has(rival),
  };
}
