import type { Endpoint } from '../../machines/endpoint.ts';

/**
 * One thing that happened in a run, simulated or explored, as a sequence diagram shows it. In an explored run there is
 * no time, and `atMs` is the number of the move.
 */
export type Happening =
  | {
      readonly type: 'datagram';
      readonly atMs: number;
      /** Who sent it and whom it was for, by the names of their life lines. */
      readonly sender: string;
      readonly receiver: string;
      /** The addresses in its header when it was sent, and as they were rewritten on the way. */
      readonly from: Endpoint;
      readonly to: Endpoint;
      readonly seenFrom: Endpoint;
      /** The message in a few words, such as `Register(alice)`. */
      readonly message: string;
      /** Of UDP payload. */
      readonly bytes: number;
      readonly fate: Fate;
    }
  | {
      readonly type: 'state';
      readonly atMs: number;
      readonly who: string;
      /** The chart: `client`, `link:bob`, `session:alice`. */
      readonly chart: string;
      readonly state: string;
    }
  /** A timer of a chart falls due. Told only where nothing else says when: in explored runs. */
  | {
      readonly type: 'timer';
      readonly atMs: number;
      readonly who: string;
      readonly chart: string;
      /** In the words of `wordsForTimer`. */
      readonly timer: string;
    }
  | { readonly type: 'note'; readonly atMs: number; readonly who: string; readonly text: string };

/** What became of a datagram. `by` is the life line of the box that stopped it. */
export type Fate =
  | { readonly type: 'delivered'; readonly atMs: number }
  | { readonly type: 'lost' }
  /** The run ended before it arrived. */
  | { readonly type: 'underway' }
  | { readonly type: 'dropped'; readonly by: string; readonly why: string };
