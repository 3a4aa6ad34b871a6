import { reasonOf, unwatchSignal, watchSignal } from "../records/signals.js";

/** A group without requests keeps its listener this long: the next request on the same signal often comes at once. */
const LINGER_MS = 50;

/** What a signal cancels: a link of a list, so that joining and leaving cost the same however many there are. */
export interface Abortable<Self> {
  /** The group that it is in. */
  abortGroup: AbortGroup<Self> | undefined;
  previous: Self | undefined;
  next: Self | undefined;
}

/** The requests that one signal cancels, in the order in which they joined. */
export interface AbortGroup<Member> {
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  first: Member | undefined;
  last: Member | undefined;
}

/**
 * Ties requests to abort signals, a group for each signal. Watching a signal costs more than a request, so the group that
 * was used last lingers for a moment when it is empty.
 */
export class AbortGroups<Member extends Abortable<Member>> {
  readonly #onAbort: (member: Member, reason: unknown) => void;
  readonly #onError: (error: unknown) => void;
  readonly #groups = new Map<AbortSignal, AbortGroup<Member>>();
  #last: AbortGroup<Member> | undefined;
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param onAbort is called for each member of the group, which has left it by then
   * @param onError gets what a signal throws that can't be left
   */
  constructor(onAbort: (member: Member, reason: unknown) => void, onError: (error: unknown) => void) {
    this.#onAbort = onAbort;
    this.#onError = onError;
  }

  /** The signal's abort is this member's, until `leave`. Throws the reason of one that has aborted, and what it throws. */
  join(signal: AbortSignal, member: Member): void {
    const last = this.#last;
    const group = last?.signal === signal ? last : (this.#groups.get(signal) ?? this.#open(signal));
    if (group !== last) {
      this.#last = group;
      if (last !== undefined && last.first === undefined) this.#drop(last);
    }
    member.abortGroup = group;
    member.previous = group.last;
    if (group.last === undefined) group.first = member;
    else group.last.next = member;
    group.last = member;
  }

  leave(member: Member): void {
    const group = member.abortGroup;
    if (group === undefined) return;
    unlink(group, member);
    if (group.first !== undefined) return;
    if (group !== this.#last || this.#isOver) this.#drop(group);
    else if (this.#timer === undefined) this.#armSweep();
  }

  /** Nothing joins for long any more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const group of this.#groups.values()) this.#drop(group);
  }

  #open(signal: AbortSignal): AbortGroup<Member> {
    const onAbort = (): void => {
      this.#drop(group);
      this.#abortAll(group);
    };
    const group: AbortGroup<Member> = { signal, onAbort, first: undefined, last: undefined };
    watchSignal(signal, onAbort);
    this.#groups.set(signal, group);
    // A signal that is none of the platform's may abort while it is listened to.
    if (!signal.aborted) return group;
    this.#drop(group);
    throw reasonOf(signal);
  }

  #abortAll(group: AbortGroup<Member>): void {
    const reason = reasonOf(group.signal);
    for (let member = group.first; member !== undefined; member = group.first) {
      unlink(group, member);
      this.#onAbort(member, reason);
    }
  }

  #drop(group: AbortGroup<Member>): void {
    if (this.#last === group) this.#last = undefined;
    if (this.#groups.get(group.signal) === group) this.#groups.delete(group.signal);
    try {
      unwatchSignal(group.signal, group.onAbort);
    } catch (error) {
      this.#onError(error);
    }
  }

  #armSweep(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#last !== undefined && this.#last.first === undefined) this.#drop(this.#last);
    }, LINGER_MS);
    // Node's timers can let the process go; the web's are numbers.
    (this.#timer as { unref?: () => void }).unref?.();
  }
}

function unlink<Member extends Abortable<Member>>(group: AbortGroup<Member>, member: Member): void {
  const { previous, next } = member;
  if (previous === undefined) group.first = next;
  else previous.next = next;
  if (next === undefined) group.last = previous;
  else next.previous = previous;
  member.abortGroup = undefined;
  member.previous = undefined;
  member.next = undefined;
}
