/**
 * What an inspected process tells of itself: lines of JSON, a small array each, the kind first. Texts that come again
 * and again (states, events, transitions) are told once and then called by their number.
 */

/** A text, and the number by which other records of this process call it. */
export type WordRecord = readonly ['word', number: number, text: string];

/** A chart that actors of this process run: its number, its name, and its definition as JSON without any context. */
export type ChartRecord = readonly ['chart', number: number, name: string, definition: string];

/** An actor has begun: its number, that of its chart, and its id without the label of the process. */
export type ActorRecord = readonly ['actor', number: number, chart: number, id: string, at: number];

/**
 * An actor has taken an event: the words for the event, for the state after it (`connected.saying + connected.hearing`)
 * and for each transition that was taken, those without a trigger included.
 */
export type StepRecord = readonly [
  'step',
  actor: number,
  at: number,
  event: number,
  state: number,
  taken: readonly number[],
  details?: StepDetails,
];

export type StepDetails = {
  /** What the event carried, without secrets and without what people say. */
  readonly event?: Readonly<Record<string, unknown>>;
  /** Timers that were started: the word for the event that each will be, and the delay in ms. */
  readonly arms?: readonly (readonly [word: number, delayMs: number])[];
  /** The types of what was asked of the host. */
  readonly emits?: readonly string[];
  /** How the actor has ended, if it has. */
  readonly ended?: 'done' | 'stopped' | 'error';
};

/** A socket of this process has sent a datagram. `mark` is equal for equal bytes, for processes of one user. */
export type SentRecord = readonly [
  'sent',
  at: number,
  local: string,
  to: string,
  message: string,
  bytes: number,
  mark: number,
  /** The host whose socket it is, where that is not the process as a whole. */
  who?: string,
  /** The host at the other end, where that is known by its address. */
  other?: string,
];

export type ReceivedRecord = readonly [
  'received',
  at: number,
  local: string,
  from: string,
  message: string,
  bytes: number,
  mark: number,
  who?: string,
  other?: string,
];

/** The operating system would not send a datagram, by its code. */
export type UnsentRecord = readonly ['unsent', at: number, to: string, code: string];

/** A datagram of a run in which everything is known: who sent it to whom, and what became of it. */
export type PassageRecord = readonly [
  'passage',
  at: number,
  sender: string,
  receiver: string,
  from: string,
  to: string,
  seenFrom: string,
  message: string,
  bytes: number,
  fate: PassageFate,
];

export type PassageFate =
  | { readonly type: 'delivered'; readonly at: number }
  | { readonly type: 'lost' }
  | { readonly type: 'underway' }
  | { readonly type: 'dropped'; readonly by: string; readonly why: string };

/** The life lines of such a run, from left to right. */
export type LifelinesRecord = readonly ['lifelines', readonly string[]];

export type NoteRecord = readonly ['note', at: number, who: string, text: string];

/** More actors of a chart than are told of one by one: how many there are, and how many in each state, by its word. */
export type CrowdRecord = readonly [
  'crowd',
  chart: number,
  at: number,
  total: number,
  counts: readonly (readonly [state: number, count: number])[],
];

/** The answer to a search: how many actors match, and the first of them. */
export type FoundRecord = readonly [
  'found',
  search: string,
  total: number,
  actors: readonly (readonly [actor: number, chart: number, id: string, state: number])[],
];

/** Steps and datagrams that were not told, because there was more to do than to tell. */
export type MissedRecord = readonly ['missed', at: number, count: number];

export type SourceRecord =
  | WordRecord
  | ChartRecord
  | ActorRecord
  | StepRecord
  | SentRecord
  | ReceivedRecord
  | UnsentRecord
  | PassageRecord
  | LifelinesRecord
  | NoteRecord
  | CrowdRecord
  | FoundRecord
  | MissedRecord
  /** For the Stately Inspector: an event of its protocol, of an actor. */
  | readonly ['stately', actor: string, event: object];

/** What `at` counts: milliseconds since the process began to tell, of real or of virtual time; or moves. */
export type Times = 'real' | 'virtual' | 'moves';

/** Who tells it. */
export type SourceIdentity = {
  /** No other process has it, and no other run of the same program. */
  readonly id: string;
  /** Role and name, such as `client alice`. */
  readonly label: string;
  readonly pid: number;
  /** When `at` was 0, in ms since 1970. */
  readonly startedAt: number;
  readonly times: Times;
  /** Whether it is over, and all of it is told and kept. */
  readonly isRecorded: boolean;
};

/** What the hub says to a viewer beside the records: each message is one of these lines, then lines of that source. */
export type HubRecord =
  | readonly ['source', number: number, identity: SourceIdentity]
  /** `isAgain` before what a viewer was told already, if it has not missed it. */
  | readonly ['from', source: number, isAgain?: true]
  | readonly ['gone', source: number];

/** What a viewer looks at, and what it searches for. It is all that a viewer can say. */
export type Interest = {
  readonly actors: readonly (readonly [source: number, actor: number])[];
  readonly search: string;
};
