/** What can still become of each state, by going backwards from the goals, and where a walk can go round for ever. */
import { CHUNK_BITS, type Graph, TARGET_BITS, TARGET_MASK } from './walk.ts';

const CHUNK_MASK = 2 ** CHUNK_BITS - 1;

/** Spreads the bits of `goals` (by state) to every state from which a state that has them can be reached. */
export function spreadBack({ stateCount, starts, edges: { chunks } }: Graph, goals: Uint8Array): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let state = stateCount - 1; state >= 0; state -= 1) {
      const before = goals[state] as number;
      let bits = before;
      const end = starts[state + 1] as number;
      for (let edge = starts[state] as number; edge < end; edge += 1) {
        const word = (chunks[edge >>> CHUNK_BITS] as Uint32Array)[edge & CHUNK_MASK] as number;
        bits |= goals[word & TARGET_MASK] as number;
      }
      if (bits === before) continue;
      goals[state] = bits;
      changed = true;
    }
  }
}

/**
 * A state on a cycle that stays among `within`, takes only moves that have all the signs of `along`, and has each sign
 * of `showing` on one of its moves; -1 if there is none. By Tarjan's strongly connected components, without recursion.
 */
export function findCycle(walk: Graph, within: Uint8Array, along: number, showing: number): number {
  const { stateCount, starts, edges } = walk;
  const index = new Int32Array(stateCount);
  const low = new Int32Array(stateCount);
  const component = new Int32Array(stateCount).fill(-1);
  const cursor = new Uint32Array(stateCount);
  const stack: number[] = [];
  const calls: number[] = [];
  let counter = 0;
  let best = -1;

  const wordAt = (edge: number) =>
    (edges.chunks[edge >>> CHUNK_BITS] as Uint32Array)[edge & CHUNK_MASK] as number;

  const close = (root: number) => {
    const members: number[] = [];
    for (let member = -1; member !== root; ) {
      member = stack.pop() as number;
      component[member] = root;
      members.push(member);
    }
    let shown = 0;
    for (const member of members) {
      for (let edge = starts[member] as number; edge < (starts[member + 1] as number); edge += 1) {
        const word = wordAt(edge);
        const signs = word >>> TARGET_BITS;
        if ((signs & along) === along && component[word & TARGET_MASK] === root) shown |= signs & showing;
      }
    }
    const first = members.reduce((least, member) => Math.min(least, member));
    if (shown === showing && (best < 0 || first < best)) best = first;
  };

  const enter = (state: number) => {
    counter += 1;
    index[state] = counter;
    low[state] = counter;
    cursor[state] = starts[state] as number;
    stack.push(state);
    calls.push(state);
  };

  for (let first = 0; first < stateCount; first += 1) {
    if (within[first] !== 1 || index[first] !== 0) continue;
    enter(first);
    while (calls.length > 0) {
      const state = calls[calls.length - 1] as number;
      if ((cursor[state] as number) < (starts[state + 1] as number)) {
        const word = wordAt(cursor[state] as number);
        cursor[state] = (cursor[state] as number) + 1;
        const target = word & TARGET_MASK;
        if (((word >>> TARGET_BITS) & along) !== along || within[target] !== 1) continue;
        if (index[target] === 0) enter(target);
        else if (component[target] === -1)
          low[state] = Math.min(low[state] as number, index[target] as number);
        continue;
      }
      calls.pop();
      if (low[state] === index[state]) close(state);
      const caller = calls[calls.length - 1];
      if (caller !== undefined) low[caller] = Math.min(low[caller] as number, low[state] as number);
    }
  }
  return best;
}
