import { getEventListeners } from "node:events";
import { vi } from "vitest";
import type { Round, Tracked } from "./calling.js";
import { outcomeOf } from "./explore.js";

interface Wire {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly id?: unknown; readonly items?: readonly unknown[] };
}

/** Throws when a round has ended otherwise than its model. */
export function judge(round: Round): void {
  const problem = problemOf(round);
  if (problem !== undefined) throw new Error(`${problem}\n${round.log.join("\n")}`);
}

function problemOf(round: Round): string | undefined {
  return (
    wrongEnds(round) ??
    wrongCounts(round) ??
    leftovers(round) ??
    round.requests.map((request) => wrongInputs(round, request)).find((problem) => problem !== undefined)
  );
}

function wrongEnds({ requests }: Round): string | undefined {
  const ends = JSON.stringify(requests.map(({ id, outcomes }) => ({ id, outcomes })));
  const wanted = JSON.stringify(requests.map(({ id, expected }) => ({ id, outcomes: [expected] })));
  return ends === wanted ? undefined : `${ends} in place of ${wanted}`;
}

function wrongCounts(round: Round): string | undefined {
  const { requests, channel } = round;
  const wronglySent = requests.find(({ id, expected }) => expected?.endsWith("not-sent") === true && round.isSent(id));
  if (wronglySent !== undefined) return `${wronglySent.id} was sent`;
  const { inFlight, requestsSent, succeeded, refused, failed } = channel.stats();
  const given = requests.filter(({ id }) => id !== -1).length;
  const isRight = inFlight === 0 && succeeded + refused + failed === given && requestsSent <= given;
  return isRight ? undefined : `the counts are ${JSON.stringify(channel.stats())}`;
}

function leftovers({ requests, link, errors }: Round): string | undefined {
  const listeners = requests.flatMap(({ controller }) => getEventListeners(controller.signal, "abort"));
  if (listeners.length > 0 || vi.getTimerCount() > 0 || link.closes !== 1) return "something is left";
  const isAboutStrangers = (error: unknown): boolean => outcomeOf(error) === "MESSAGE_MALFORMED undefined";
  return errors.every(isAboutStrangers) ? undefined : `reported: ${String(errors[0])}`;
}

/** Inputs: announced before their request, none that was not asked for, none after the end, and the source is let go. */
function wrongInputs(round: Round, { id, source, credit, sentBefore }: Tracked): string | undefined {
  if (source === undefined) return undefined;
  const frames = round.link.sent as readonly (Wire | readonly Wire[])[];
  const sent = frames.flat();
  const isAbout = ({ method, params }: Wire): boolean => method?.startsWith("$/input/") === true && params?.id === id;
  const about = sent.filter(isAbout);
  if (!round.isSent(id)) return about.length + source.pulled === 0 ? undefined : `inputs of ${id}, which was not sent`;
  const places = [sent.findIndex(isAbout), sent.findIndex((message) => message.id === id)];
  if ((places[0] ?? 0) > (places[1] ?? 0)) return `the inputs of ${id} were announced too late`;
  const items = about.reduce((sum, { params }) => sum + (params?.items?.length ?? 0), 0);
  if (items > Math.min(credit, source.items)) return `${items} inputs of ${id} were sent, and ${credit} asked for`;
  if (frames.slice(sentBefore).flat().some(isAbout)) return `inputs of ${id} were sent after its end`;
  const isLetGo = source.returned === 1 || source.pulled > source.items;
  return isLetGo && source.returned <= 1 ? undefined : `the source of ${id} was let go ${source.returned} times`;
}
