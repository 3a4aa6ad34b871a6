/** A process group that this process has made for a worker. */
export interface OwnedGroup {
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** The groups whose leaders run. */
export const groups: Set<OwnedGroup> = new Set<OwnedGroup>();

/** For the very end of this process: no timer runs any more, so nobody can be asked politely first. */
export function killAllGroups(): void {
  for (const group of groups) group.kill("SIGKILL");
}
