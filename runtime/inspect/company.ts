import type { WebSocket } from 'ws';
import type { Counters } from '../counters.ts';
import { Board, RECORDED_STEPS_MAX, STEPS_MAX } from './board.ts';
import { Follower } from './follower.ts';
import { combined, type HubRequest, readInterest } from './interest.ts';
import { inMessages, type Line, readLine } from './lines.ts';
import type { ChartRecord, HubRecord, Interest, SourceIdentity } from './records.ts';

/** Processes that have ended and are still shown. The one that ended first is forgotten first. */
const GONE_MAX = 32;

type Source = {
  readonly number: number;
  readonly identity: SourceIdentity;
  readonly board: Board;
  readonly charts: Map<number, Line>;
  /** Tells it something. Undefined once the process has ended. */
  heed: ((request: HubRequest) => void) | undefined;
  /** What it was told last, so that it is told changes only. */
  asked: string;
};

/** Who is at a hub: processes, what is known of them, and viewers. */
export class Company {
  readonly #counters: Counters;
  readonly #sources = new Map<number, Source>();
  readonly #viewers = new Map<WebSocket, { readonly follower: Follower; interest?: Interest }>();
  #numbered = 0;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  status(): { readonly sources: number; readonly viewers: number; readonly actors: number } {
    const present = [...this.#sources.values()].filter(({ heed }) => heed !== undefined);
    const actors = present.reduce((sum, { board }) => sum + board.size, 0);
    return { sources: present.length, viewers: this.#viewers.size, actors };
  }

  /** The definition of a chart, as its process has told it. */
  definitionOf(source: number, chart: number): string | undefined {
    const line = this.#sources.get(source)?.charts.get(chart);
    return line === undefined ? undefined : (JSON.parse(line.text) as ChartRecord)[3];
  }

  admitSource(socket: WebSocket, identity: SourceIdentity): void {
    const board = new Board(identity.isRecorded ? RECORDED_STEPS_MAX : STEPS_MAX);
    const source = this.#enter(identity, board, (request) => socket.send(JSON.stringify(request)));
    socket.on('message', (data) => {
      const lines = this.#read(String(data));
      for (const line of lines) board.record(line);
      this.#spread(source, lines);
    });
    socket.on('close', () => {
      source.heed = undefined;
      this.#tell([JSON.stringify(['gone', source.number] satisfies HubRecord)], 0, true);
      this.#forgetLongGone();
    });
  }

  /** A source in this process. The result passes on what is in its board already. */
  join(
    identity: SourceIdentity,
    board: Board,
    heed: (request: HubRequest) => void,
  ): (lines: readonly Line[]) => void {
    const source = this.#enter(identity, board, heed);
    this.#remember(source, board.everything());
    return (lines) => this.#spread(source, lines);
  }

  /** Viewers are heard when they say what they look at. Nothing can be said to an actor. */
  admitViewer(socket: WebSocket): void {
    const story = {
      everything: () => this.#story((board) => board.everything(), false),
      essentials: () => this.#story((board) => board.essentials(), true),
    };
    this.#viewers.set(socket, { follower: new Follower(socket, story) });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#viewers.delete(socket);
      this.#askAll();
    });
    socket.on('message', (data) => {
      const interest = readInterest(String(data));
      if (typeof interest === 'string') return this.#counters.count(`dropped.${interest}`);
      const viewer = this.#viewers.get(socket);
      if (viewer !== undefined) viewer.interest = interest;
      this.#askAll();
    });
  }

  tellSources(request: HubRequest): void {
    for (const { heed } of this.#sources.values()) heed?.(request);
  }

  #enter(identity: SourceIdentity, board: Board, heed: (request: HubRequest) => void): Source {
    this.#forget(({ identity: { id } }) => id === identity.id);
    this.#numbered += 1;
    const number = this.#numbered;
    const source: Source = { number, identity, board, charts: new Map(), heed, asked: '' };
    this.#sources.set(number, source);
    this.#tell([JSON.stringify(introductionOf(source))], 0, true);
    this.#ask(source);
    return source;
  }

  #read(message: string): readonly Line[] {
    return message.split('\n').flatMap((text) => {
      const line = readLine(text);
      if (typeof line !== 'string') return [line];
      this.#counters.count(`dropped.${line}`);
      return [];
    });
  }

  #remember(source: Source, lines: Iterable<Line>): void {
    for (const line of lines) if (line.kind === 'chart') source.charts.set(Number(line.about), line);
  }

  #spread(source: Source, lines: readonly Line[]): void {
    this.#remember(source, lines);
    if (lines.length === 0 || this.#viewers.size === 0) return;
    const { isRecorded } = source.identity;
    for (const message of inMessages(lines, headOf(source))) this.#tell([message], lines.length, isRecorded);
  }

  #tell(texts: readonly string[], lines: number, isRecorded: boolean): void {
    const message = texts.join('\n');
    for (const { follower } of this.#viewers.values()) follower.follow(message, lines, isRecorded);
  }

  *#story(linesOf: (board: Board) => Iterable<Line>, isAgain: boolean): IterableIterator<string> {
    for (const source of this.#sources.values()) {
      yield JSON.stringify(introductionOf(source));
      yield* inMessages(linesOf(source.board), headOf(source, isAgain));
      if (source.heed === undefined) yield JSON.stringify(['gone', source.number] satisfies HubRecord);
    }
  }

  #askAll(): void {
    for (const source of this.#sources.values()) this.#ask(source);
  }

  #ask(source: Source): void {
    const interests = [...this.#viewers.values()].flatMap(({ interest }) => interest ?? []);
    const request: HubRequest = combined(interests, source.number);
    const asked = JSON.stringify(request);
    if (asked === source.asked) return;
    source.asked = asked;
    source.heed?.(request);
  }

  #forgetLongGone(): void {
    const gone = [...this.#sources.values()].filter(({ heed }) => heed === undefined);
    const [first] = gone;
    if (gone.length > GONE_MAX) this.#forget((source) => source === first);
  }

  #forget(isMeant: (source: Source) => boolean): void {
    for (const source of this.#sources.values()) if (isMeant(source)) this.#sources.delete(source.number);
  }
}

function introductionOf({ number, identity }: Source): HubRecord {
  return ['source', number, identity];
}

function headOf({ number }: Source, isAgain = false): string {
  const head: HubRecord = isAgain ? ['from', number, true] : ['from', number];
  return JSON.stringify(head);
}
