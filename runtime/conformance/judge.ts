import type { Line } from './line.ts';
import type { Repair } from './repairs.ts';

export type Verdict =
  | { readonly type: 'conforms' }
  /** It is what the original server does. */
  | { readonly type: 'repair'; readonly repair: Repair }
  | { readonly type: 'deviates' };

export type Evidence = {
  /** In the order in which the protocol has them sent. */
  readonly expected: readonly Line[];
  /** In the order in which they came. */
  readonly received: readonly Line[];
  /** How often the question was sent: each may have been answered. */
  readonly transmissions: number;
  /** What the original server may answer, and the repair by which ours differs. */
  readonly original: {
    readonly alternatives: readonly (readonly Line[])[];
    readonly repair: Repair | undefined;
  };
  /** Whether the order in which datagrams come to two sockets is that in which they were sent. */
  readonly isOrderSeen: boolean;
};

/** Whether an answer is that of the protocol, else whether it is that of the original server. */
export function judge(evidence: Evidence): Verdict {
  const { expected, received, transmissions, original, isOrderSeen } = evidence;
  // Of what has come after several transmissions, one part may answer one of them, and one part another.
  const isOrderKnown = isOrderSeen && transmissions === 1;
  if (isAnswer(expected, received, transmissions))
    return isOrderKnown && !isInOrder(expected, received)
      ? { type: 'repair', repair: 'calleeFirst' }
      : { type: 'conforms' };
  const isOriginal = original.alternatives.some((lines) => isAnswer(lines, received, transmissions));
  return isOriginal && original.repair !== undefined
    ? { type: 'repair', repair: original.repair }
    : { type: 'deviates' };
}

/** Whether two answers are the same, but for the order. */
export function isSame(one: readonly Line[], other: readonly Line[]): boolean {
  return isAnswer(one, other, 1);
}

/** Whether every line of an answer has come, whatever else has. */
export function isComplete(answer: readonly Line[], received: readonly Line[]): boolean {
  const came = countsOf(received);
  return [...countsOf(answer)].every(([text, count]) => (came.get(text) ?? 0) >= count);
}

/** Whether exactly the answer has come, once at least and at most as often as was asked. */
function isAnswer(answer: readonly Line[], received: readonly Line[], transmissions: number): boolean {
  const wanted = countsOf(answer);
  const isMore = [...countsOf(received)].some(
    ([text, count]) => count > transmissions * (wanted.get(text) ?? 0),
  );
  return !isMore && isComplete(answer, received);
}

function isInOrder(expected: readonly Line[], received: readonly Line[]): boolean {
  const came = received.map(textOf);
  const places = expected.map((line) => came.indexOf(textOf(line)));
  return places.every((place, index) => index === 0 || place >= (places[index - 1] ?? 0));
}

function countsOf(lines: readonly Line[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(textOf(line), (counts.get(textOf(line)) ?? 0) + 1);
  return counts;
}

function textOf({ to, says }: Line): string {
  return `${to}: ${says}`;
}
