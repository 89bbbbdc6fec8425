import type { Interest } from './records.ts';

/** Actors that one viewer looks at, at most. */
const ACTORS_MAX = 64;

const SEARCH_LENGTH_MAX = 64;

/** What a hub says to a source. */
export type HubRequest =
  /** What viewers look at and search for there. */
  | { readonly actors: readonly number[]; readonly searches: readonly string[] }
  /** A ticket that has been used. */
  | { readonly used: string };

/** What a viewer says, or why it is not heeded. */
export function readInterest(text: string): Interest | 'notInterest' {
  try {
    const value = JSON.parse(text) as { actors?: unknown; search?: unknown } | null;
    const { actors, search } = value ?? {};
    if (!Array.isArray(actors) || actors.length > ACTORS_MAX || !actors.every(isPlace)) return 'notInterest';
    if (typeof search !== 'string' || search.length > SEARCH_LENGTH_MAX) return 'notInterest';
    return { actors, search };
  } catch {
    return 'notInterest';
  }
}

/** What all viewers together want of one source. */
export function combined(
  interests: readonly Interest[],
  source: number,
): { readonly actors: readonly number[]; readonly searches: readonly string[] } {
  const actors = interests.flatMap((interest) =>
    interest.actors.filter(([where]) => where === source).map(([, actor]) => actor),
  );
  const searches = interests.flatMap(({ search }) => (search === '' ? [] : [search]));
  return { actors: [...new Set(actors)], searches: [...new Set(searches)] };
}

/** What a hub says, if it can be understood. */
export function readRequest(text: string): HubRequest | undefined {
  try {
    const value = JSON.parse(text) as { actors?: unknown; searches?: unknown; used?: unknown } | null;
    const { actors, searches, used } = value ?? {};
    if (typeof used === 'string') return { used };
    if (!Array.isArray(actors) || !actors.every(Number.isInteger)) return undefined;
    if (!Array.isArray(searches) || !searches.every((search) => typeof search === 'string')) return undefined;
    return { actors, searches };
  } catch {
    return undefined;
  }
}

function isPlace(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isInteger);
}
