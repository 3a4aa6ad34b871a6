import { Assembler, type Room } from "../wire/assembler.js";
import { Outlet } from "../wire/outlet.js";
import type { Publisher } from "../wire/publisher.js";
import { Kind, replyOf } from "../wire/subjects.js";
import type { Seat } from "./seat.js";

export interface SeatParts {
  readonly publisher: Publisher;
  /** Where this side is reached. */
  readonly inbox: string;
  readonly maxBytes: number;
  readonly room: Room;
  /** A frame has come in parts; from nobody in particular where it is an event. */
  readonly hear: (bytes: Uint8Array, from: Seat | undefined) => void;
  readonly oversized: (head: Uint8Array, bytes: number) => void;
}

export function createSeat(base: string, parts: SeatParts): Seat {
  const { publisher, inbox } = parts;
  const reply = replyOf(inbox, 0);
  const assembler = createAssembler(
    parts,
    (name, count) => {
      publisher.publish(`${base}.${Kind.credit}`, `${name} ${count}`, reply);
    },
    () => seat,
  );
  const outlet = new Outlet(publisher, base, reply);
  const seat: Seat = { base, outlet, assembler, routes: new Set(), asked: new Set(), missed: 0 };
  return seat;
}

/** For what is said to all: nobody waits for credit. */
export function createEventAssembler(parts: SeatParts): Assembler {
  return createAssembler(
    parts,
    () => undefined,
    () => undefined,
  );
}

function createAssembler(
  { maxBytes, room, hear, oversized }: SeatParts,
  credit: (name: string, count: number) => void,
  from: () => Seat | undefined,
): Assembler {
  return new Assembler({
    ...{ maxBytes, room, credit },
    whole: (_name, bytes) => {
      hear(bytes, from());
    },
    refused: (_name, head, bytes) => {
      oversized(head, bytes);
    },
  });
}
