import type { Endpoint } from '../../machines/endpoint.ts';
import type { ToServer } from '../../machines/letter-server.ts';
import type { Budget } from '../budget.ts';
import type { Counters } from '../counters.ts';
import type { Link } from '../link.ts';
import type { Stage } from '../stage.ts';
import type { Secrecy } from './secrecy.ts';

/** What the links of protocol 2 have of the client they belong to. */
export type Office = {
  readonly stage: Stage;
  readonly secrecy: Secrecy;
  readonly counters: Counters;
  /** Our own name. */
  readonly name: string;
  readonly timeoutMs: number;
  /** What the links may ask the server for together, to be introduced anew. */
  readonly renewals: Budget;
  /** Where else we can be reached. */
  candidates(): readonly Endpoint[];
  /** Our address as the server sees it. */
  observed(): Endpoint | undefined;
  server(): Endpoint | undefined;
  /** Seals a letter for the server, and sends it. */
  write(letter: ToServer): void;
  send(to: Endpoint, bytes: Uint8Array, hops?: number): void;
  /** For the user: somebody has called. */
  called(link: Link): void;
};
