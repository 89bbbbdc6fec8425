/**
 * Which of the last counters were seen, a bit each, in a ring of words of which a window that moves on clears whole ones
 * (RFC 6479). The ring lies at `start` in `words`, filled with zeros at first; `next` is one more than the highest
 * counter that was seen, and 0 before there is one.
 */

/** How far a datagram may be overtaken: by this many counters and it is taken for a replay. */
export const WINDOW = 1024;

/** Words of a ring. One more than the window needs where it begins with a word: it may begin and end within two. */
export const RING_WORDS = WINDOW / 32 + 1;

/** Whether a counter was seen, or is too old to tell. */
export function wasSeen(words: Uint32Array, start: number, next: number, counter: number): boolean {
  if (counter >= next) return false;
  if (counter < next - WINDOW) return true;
  return ((words[start + (wordOf(counter) % RING_WORDS)] as number) & bitOf(counter)) !== 0;
}

/** Marks a counter as seen. What `next` is then. */
export function markSeen(words: Uint32Array, start: number, next: number, counter: number): number {
  const word = start + (wordOf(counter) % RING_WORDS);
  if (counter >= next) {
    const from = Math.max(wordOf(next - 1), wordOf(counter) - RING_WORDS) + 1;
    for (let cleared = from; cleared <= wordOf(counter); cleared += 1)
      words[start + (cleared % RING_WORDS)] = 0;
  }
  words[word] = (words[word] as number) | bitOf(counter);
  return Math.max(next, counter + 1);
}

function wordOf(counter: number): number {
  return Math.floor(counter / 32);
}

function bitOf(counter: number): number {
  return 1 << (counter % 32);
}
