import { formatEndpoint } from '../../machines/endpoint.ts';
import type { Happening } from './happening.ts';

export type DatagramHappening = Extract<Happening, { type: 'datagram' }>;
export type StateHappening = Extract<Happening, { type: 'state' }>;

/** A line of a diagram: one happening, or many datagrams that say nothing new. */
export type Item =
  | { readonly type: 'single'; readonly happening: Exclude<Happening, { type: 'state' }> }
  /** A chart that went on at once. */
  | { readonly type: 'passage'; readonly last: StateHappening; readonly states: readonly string[] }
  | {
      readonly type: 'more';
      readonly like: DatagramHappening;
      readonly count: number;
      readonly untilMs: number;
    };

/** Leaves out repetitions: of datagrams that are alike and fare alike, the first two are kept, and the rest counted. */
export function fold(happenings: readonly Happening[]): readonly Item[] {
  const items: Item[] = [];
  const seen = new Map<string, number>();
  let folded = new Map<string, DatagramHappening[]>();
  const flush = () => {
    for (const alike of folded.values()) items.push(...summary(alike));
    folded = new Map();
  };
  for (const happening of happenings) {
    const likeness = likenessOf(happening);
    const count = likeness === undefined ? 0 : (seen.get(likeness) ?? 0);
    if (likeness === undefined || happening.type !== 'datagram' || count < SHOWN_OF_EACH) {
      flush();
      items.push(follow(items, happening));
    } else folded.set(likeness, [...(folded.get(likeness) ?? []), happening]);
    if (likeness !== undefined) seen.set(likeness, count + 1);
  }
  flush();
  return items;
}

const SHOWN_OF_EACH = 2;

/** A line for what comes next; the last line is taken back if both are states of one chart at one time. */
function follow(items: Item[], happening: Happening): Item {
  const before = items.at(-1);
  if (happening.type !== 'state' || before?.type !== 'passage' || !isSameMoment(before.last, happening)) {
    return happening.type === 'state'
      ? { type: 'passage', last: happening, states: [happening.state] }
      : { type: 'single', happening };
  }
  items.pop();
  return { type: 'passage', last: happening, states: [...before.states, happening.state] };
}

function isSameMoment(one: StateHappening, other: StateHappening): boolean {
  return one.who === other.who && one.chart === other.chart && one.atMs === other.atMs;
}

function summary(alike: readonly DatagramHappening[]): readonly Item[] {
  const [first, ...others] = alike;
  const last = others.at(-1);
  if (first === undefined) return [];
  if (last === undefined) return [{ type: 'single', happening: first }];
  return [{ type: 'more', like: first, count: alike.length, untilMs: last.atMs }];
}

function likenessOf(happening: Happening): string | undefined {
  if (happening.type !== 'datagram') return undefined;
  const { sender, receiver, message, to, seenFrom, fate } = happening;
  const end = fate.type === 'dropped' ? [fate.by, fate.why] : [];
  return JSON.stringify([
    sender,
    receiver,
    message,
    formatEndpoint(to),
    formatEndpoint(seenFrom),
    fate.type,
    ...end,
  ]);
}
