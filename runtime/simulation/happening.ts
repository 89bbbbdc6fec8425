import type { Endpoint } from '../../machines/endpoint.ts';

/** One thing that happened in a run, simulated or explored, as a sequence diagram shows it. */
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
  | { readonly type: 'note'; readonly atMs: number; readonly who: string; readonly text: string };

/** What became of a datagram. `by` is the life line of the box that stopped it. */
export type Fate =
  | { readonly type: 'delivered'; readonly atMs: number }
  | { readonly type: 'lost' }
  | { readonly type: 'dropped'; readonly by: string; readonly why: string };
