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
  /** Undefined once the process has ended. */
  socket: WebSocket | undefined;
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
    const present = [...this.#sources.values()].filter(({ socket }) => socket !== undefined);
    const actors = present.reduce((sum, { board }) => sum + board.size, 0);
    return { sources: present.length, viewers: this.#viewers.size, actors };
  }

  /** The definition of a chart, as its process has told it. */
  definitionOf(source: number, chart: number): string | undefined {
    const line = this.#sources.get(source)?.charts.get(chart);
    return line === undefined ? undefined : (JSON.parse(line.text) as ChartRecord)[3];
  }

  admitSource(socket: WebSocket, identity: SourceIdentity): void {
    this.#forget(({ identity: { id } }) => id === identity.id);
    this.#numbered += 1;
    const source: Source = {
      number: this.#numbered,
      identity,
      board: new Board(identity.isRecorded ? RECORDED_STEPS_MAX : STEPS_MAX),
      charts: new Map(),
      socket,
      asked: '',
    };
    this.#sources.set(source.number, source);
    this.#tell([JSON.stringify(introductionOf(source))], 0, true);
    this.#ask(source);
    socket.on('message', (data) => this.#pass(String(data), source));
    socket.on('close', () => {
      source.socket = undefined;
      this.#tell([JSON.stringify(['gone', source.number] satisfies HubRecord)], 0, true);
      this.#forgetLongGone();
    });
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
    const text = JSON.stringify(request);
    for (const { socket } of this.#sources.values()) socket?.send(text);
  }

  #pass(message: string, source: Source): void {
    const lines: Line[] = [];
    for (const text of message.split('\n')) {
      const line = readLine(text);
      if (typeof line === 'string') {
        this.#counters.count(`dropped.${line}`);
        continue;
      }
      if (line.kind === 'chart') source.charts.set(Number(line.about), line);
      source.board.record(line);
      lines.push(line);
    }
    if (lines.length === 0 || this.#viewers.size === 0) return;
    this.#tell([headOf(source), ...lines.map(({ text }) => text)], lines.length, source.identity.isRecorded);
  }

  #tell(texts: readonly string[], lines: number, isRecorded: boolean): void {
    const message = texts.join('\n');
    for (const { follower } of this.#viewers.values()) follower.follow(message, lines, isRecorded);
  }

  *#story(linesOf: (board: Board) => Iterable<Line>, isAgain: boolean): IterableIterator<string> {
    for (const source of this.#sources.values()) {
      yield JSON.stringify(introductionOf(source));
      yield* inMessages(linesOf(source.board), headOf(source, isAgain));
      if (source.socket === undefined) yield JSON.stringify(['gone', source.number] satisfies HubRecord);
    }
  }

  #askAll(): void {
    for (const source of this.#sources.values()) this.#ask(source);
  }

  #ask(source: Source): void {
    const interests = [...this.#viewers.values()].flatMap(({ interest }) => interest ?? []);
    const asked = JSON.stringify(combined(interests, source.number) satisfies HubRequest);
    if (asked === source.asked) return;
    source.asked = asked;
    source.socket?.send(asked);
  }

  #forgetLongGone(): void {
    const gone = [...this.#sources.values()].filter(({ socket }) => socket === undefined);
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
