/** All states of a world that can be reached, breadth first, with the moves between them. No object for a state. */
import type { Layout } from './layout.ts';
import { type Move, type Moves, movesOf } from './moves.ts';
import type { Setting } from './setting.ts';
import { createStore, type Store } from './store.ts';

export type Walk = Graph & { readonly setting: Setting; readonly moves: Moves };

/** What to walk: how the states are kept, and what can happen in each. */
export type Territory = {
  readonly layout: Layout;
  /** How many states at most. */
  readonly limit: number;
  /** The state that is worked on. */
  readonly row: Int32Array;
  begin(): void;
  each(from: Int32Array, visit: (move: Move, signs: number) => void): void;
};

export type Graph = {
  readonly store: Store;
  readonly stateCount: number;
  readonly moveCount: number;
  /** Where the moves out of a state begin in `edges`, for each state, and where the last ones end. */
  readonly starts: Uint32Array;
  readonly edges: Edges;
  /** By state: from where, and by what move, it was first reached. */
  readonly parents: Int32Array;
  readonly arrivals: Int32Array;
  /** By bit of the signs: the first move that showed it; undefined if none did. */
  readonly firstSign: readonly (FirstSign | undefined)[];
  /** Whether there were more states than the bounds allow. */
  readonly isCutOff: boolean;
  readonly bytes: number;
};

export type FirstSign = { readonly state: number; readonly move: Move };

/** The moves' targets in the low 25 bits, and their first 7 signs above them, in chunks. */
export type Edges = { readonly chunks: readonly Uint32Array[] };

export const TARGET_BITS = 25;
export const TARGET_MASK = 2 ** TARGET_BITS - 1;
export const CHUNK_BITS = 20;
const CHUNK_MASK = 2 ** CHUNK_BITS - 1;
const SIGN_COUNT = 16;

export function walk(setting: Setting, progress: (states: number) => void = () => {}): Walk {
  const { layout, bounds } = setting;
  const moves = movesOf(setting);
  const { begin, each } = moves;
  const territory = { layout, limit: bounds.states * 1000, row: moves.hosts.row, begin, each };
  return { setting, moves, ...explore(territory, progress) };
}

export function explore(
  { layout, limit, row, begin, each }: Territory,
  progress: (states: number) => void = () => {},
): Graph {
  const store = createStore(layout.words);
  const packed = new Uint32Array(layout.words);
  const from = new Int32Array(layout.width);
  const chunks: Uint32Array[] = [];
  const firstSign: (FirstSign | undefined)[] = new Array(SIGN_COUNT).fill(undefined);
  let starts = new Uint32Array(1 << 16);
  let parents = new Int32Array(1 << 16);
  let arrivals = new Int32Array(1 << 16);
  let moveCount = 0;
  let unseen = 2 ** SIGN_COUNT - 1;
  let state = 0;

  const visit = (move: Move, signs: number) => {
    layout.pack(row, packed, 0);
    const before = store.size;
    const target = store.enter(packed);
    if (store.size > before) {
      if (target >= parents.length - 1) {
        parents = longer(parents);
        arrivals = longer(arrivals);
        starts = longer(starts);
      }
      parents[target] = state;
      arrivals[target] = move;
    }
    if ((moveCount & CHUNK_MASK) === 0) chunks.push(new Uint32Array(CHUNK_MASK + 1));
    (chunks[moveCount >>> CHUNK_BITS] as Uint32Array)[moveCount & CHUNK_MASK] =
      (target | (signs << TARGET_BITS)) >>> 0;
    moveCount += 1;
    if ((signs & unseen) === 0) return;
    for (let bit = 0; bit < SIGN_COUNT; bit += 1)
      if ((signs & unseen & (1 << bit)) !== 0) firstSign[bit] = { state, move };
    unseen &= ~signs;
  };

  begin();
  layout.pack(row, packed, 0);
  store.enter(packed);
  parents[0] = -1;
  for (; state < store.size && store.size <= limit; state += 1) {
    starts[state] = moveCount;
    layout.unpack(store.words, state * layout.words, from);
    each(from, visit);
    if ((state & 0xffff) === 0) progress(store.size);
  }
  starts[state] = moveCount;
  return {
    ...{ store, moveCount, starts, parents, arrivals, firstSign },
    stateCount: state,
    edges: { chunks },
    isCutOff: state < store.size,
    bytes: store.bytes + chunks.length * 4 * (CHUNK_MASK + 1) + starts.byteLength + 2 * parents.byteLength,
  };
}

/** The moves from the start to a state. */
export function movesTo({ parents, arrivals }: Graph, state: number): readonly Move[] {
  const moves: Move[] = [];
  for (let at = state; (parents[at] as number) >= 0; at = parents[at] as number)
    moves.push(arrivals[at] as number);
  return moves.reverse();
}

function longer<Numbers extends Int32Array | Uint32Array>(numbers: Numbers): Numbers {
  const more = new (numbers.constructor as new (length: number) => Numbers)(numbers.length * 2);
  more.set(numbers);
  return more;
}
