/** Which numbers stand for something that anybody still has: the others are fresh. */
import * as f from './fields.ts';
import * as p from './packets.ts';
import { flies, type World } from './world.ts';

/** Whether anybody has a call, or could speak of it. */
export function isCallUsed(world: World, call: number): boolean {
  const { row } = world;
  for (let one = 0; one < f.INTRODUCTIONS; one += 1) if (row[f.INTRODUCED_CALL + one] === call) return true;
  for (let pair = 0; pair < f.PAIRS; pair += 1) if (row[f.PAIR_CALL + pair] === call) return true;
  if (((row[f.KNOWN_CALLS] as number) & (1 << call)) !== 0) return true;
  const link = f.callerOf(call) * 2;
  if (link < 4 && f.callOf(f.callerOf(call), row[f.LINK_CALL + link] as number) === call) return true;
  return flies(world, (term) => callIn(term) === call);
}

/** Likewise a pair of keys. */
export function isPairUsed(world: World, pair: number): boolean {
  const { row } = world;
  for (let link = 0; link < 4; link += 1) if (row[f.LINK_PAIR + link] === pair) return true;
  for (let one = 0; one < f.INTRODUCTIONS; one += 1) {
    const call = row[f.INTRODUCED_CALL + one] as number;
    if (row[f.INTRODUCED_PAIR + one] === pair || (f.isWord(call) && f.pairOf(call) === pair)) return true;
  }
  for (let at = 0; at < 4 * f.CALLS; at += 1) if (row[f.ANSWER_PAIR + at] === pair) return true;
  if (((row[f.KNOWN_PAIRS] as number) & (1 << (pair - 1))) !== 0) return true;
  for (const who of [0, 1])
    if (((row[f.KNOWN_CALLS] as number) & (1 << f.wordOf(who, pair))) !== 0) return true;
  return flies(
    world,
    (term) => pairIn(term) === pair || (f.isWord(callIn(term)) && f.pairOf(callIn(term)) === pair),
  );
}

function callIn(term: number): number {
  const kind = p.kindOf(term);
  if (kind === p.REQUEST || kind === p.ANSWER || kind === p.UNKNOWN) return p.b(term);
  if (kind === p.INITIATE) return p.d(term);
  return kind === p.ACCEPT ? p.c(term) : 0;
}

function pairIn(term: number): number {
  const kind = p.kindOf(term);
  if (kind >= p.PROBE) return p.a(term);
  return kind === p.ANSWER || kind === p.ACCEPT ? p.d(term) : 0;
}
