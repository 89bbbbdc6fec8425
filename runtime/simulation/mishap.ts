import type { Access } from './behaviour.ts';

/** Something that befalls a run at a moment of virtual time. */
export type Mishap = { readonly atMs: number } & (
  | {
      /** The process of a client ends without a word. */
      readonly type: 'leave';
      readonly who: 'alice' | 'bob';
    }
  | {
      /** Every box of a client's household restarts, and forgets its mappings; new ones may get other ports. */
      readonly type: 'reboot';
      readonly whose: 'alice' | 'bob';
    }
  | {
      /** The server is gone for so long, and knows nobody when it is back. */
      readonly type: 'outage';
      readonly lastsMs: number;
    }
  | {
      /** The machine of a client comes to another household, where nobody else is, and notices. */
      readonly type: 'roam';
      readonly who: 'alice' | 'bob';
      readonly to: Access;
      /** How long it has no network at all in between, in ms. None, unless told. */
      readonly goneMs?: number;
    }
  /** From now on nothing is lost, doubled or held back. */
  | { readonly type: 'calm' }
);
