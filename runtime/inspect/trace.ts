import { type AnyActor, createActor, type EventObject, type InspectionEvent, type StateValue } from 'xstate';
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import type { Message } from '../../machines/wire.ts';
import { pause, realAmbient } from '../ambient.ts';
import { wordsFor } from '../simulation/wording.ts';
import { canonicalJson, type TraceRecord } from '../trace/format.ts';
import { readTraceFile, type TraceItem } from '../trace/reader.ts';
import { type Charts, protocolCharts } from '../trace/replay.ts';
import type { Line } from './lines.ts';
import type { Times } from './records.ts';
import { Tap } from './tap.ts';

export type OpenTrace = {
  /** Role and name, as the recording has it. */
  readonly label: string;
  readonly times: Times;
  /** Plays all of it. Resolves to why there is not more, if there is a reason. */
  play(publish: (lines: readonly Line[]) => void, interrupted: AbortSignal): Promise<string | undefined>;
};

/** A recording, to be told as if it happened once more. A text is why there is nothing to tell. */
export async function openTrace(file: string, charts: Charts = protocolCharts): Promise<OpenTrace | string> {
  const items = readTraceFile(file);
  const { value: first } = await items.next();
  if (first?.type === 'fault') return first.fault.text;
  if (first?.type !== 'header') return 'Nothing was recorded.';
  const { label, times = 'real' } = first.header;
  return {
    label,
    times,
    play: (publish, interrupted) => play(items, new Player(charts, publish), interrupted),
  };
}

async function play(
  items: AsyncIterable<TraceItem>,
  player: Player,
  interrupted: AbortSignal,
): Promise<string | undefined> {
  let count = 0;
  for await (const item of items) {
    if (interrupted.aborted) break;
    const obstacle = item.type === 'record' ? player.take(item.record, item.line) : endingOf(item);
    count += 1;
    if (item.type === 'record' && obstacle === undefined) {
      if (count % TOLD_AT_ONCE !== 0) continue;
      player.tell();
      await pause(realAmbient.clock, 0);
      continue;
    }
    player.tell();
    return obstacle;
  }
  player.tell();
  return undefined;
}

function endingOf(item: TraceItem): string | undefined {
  if (item.type === 'fault') return item.fault.text;
  return item.type === 'end' && !item.isWhole ? 'There was more, but the recording was cut here.' : undefined;
}

/** Records that are played before they are told, and somebody else has a turn. */
const TOLD_AT_ONCE = 1_000;

/** Runs the charts over the records of a trace. */
class Player {
  readonly #charts: Charts;
  readonly #actors = new Map<string, AnyActor>();
  readonly #tap: Tap;
  readonly #places = new Places();
  readonly #marks = new Map<string, number>();
  #at = 0;

  constructor(charts: Charts, publish: (lines: readonly Line[]) => void) {
    this.#charts = charts;
    this.#tap = new Tap({
      clock: { now: () => this.#at, setTimeout: () => 0, clearTimeout: () => {} },
      startedAt: 0,
      label: '',
      isPatient: true,
      publish,
    });
  }

  /** Takes a record as the charts did; a text is why it cannot. */
  take(record: TraceRecord, line: number): string | undefined {
    this.#at = record.at;
    const actor = 'begin' in record ? this.#begin(record) : this.#actors.get(record.actor);
    if (actor === undefined)
      return `Line ${line} cannot be replayed: this version has no such chart or actor.`;
    if ('event' in record) {
      this.#places.learn(record.actor, record.event);
      this.#showArrival(record.actor, record.event);
      actor.send(record.event);
    } else actor.start();
    const { value } = actor.getSnapshot();
    if (record.state !== undefined && !isSame(value, record.state)) {
      const text = `has come to another state than was recorded: ${canonicalJson(record.state)}`;
      this.#tap.queue.tell(['note', record.at, record.actor, text]);
    }
    return undefined;
  }

  /** Tells what was played since it was told last. */
  tell(): void {
    this.#tap.queue.flush();
  }

  #begin(record: Extract<TraceRecord, { begin: string }>): AnyActor | undefined {
    const machine = Object.hasOwn(this.#charts, record.begin) ? this.#charts[record.begin] : undefined;
    if (machine === undefined) return undefined;
    const actor = createActor(machine, {
      input: record.input,
      id: record.actor,
      clock: { setTimeout: () => 0, clearTimeout: () => {} },
      inspect: (event) => this.#see(record.actor, event),
    });
    // A chart that throws is at its end, and this process is not.
    actor.subscribe({ error: () => {} });
    this.#actors.set(record.actor, actor);
    return actor;
  }

  #see(actor: string, event: InspectionEvent): void {
    this.#tap.inspect(event);
    if (event.type !== '@xstate.action' || event.action.type !== 'xstate.emit') return;
    const { event: emitted } = event.action.params as {
      event: { type: string; to?: Endpoint; message?: { type: string } };
    };
    if (emitted.type !== 'transmit' || emitted.to === undefined || emitted.message === undefined) return;
    this.#carry('sent', actor, emitted.to, emitted.message);
  }

  #showArrival(actor: string, event: { readonly type: string; readonly from?: Endpoint }): void {
    if (!event.type.startsWith('datagram.') || event.from === undefined) return;
    const type = event.type.slice('datagram.'.length);
    this.#carry('received', actor, event.from, { ...event, type });
  }

  #carry(
    kind: 'sent' | 'received',
    actor: string,
    remote: Endpoint,
    message: { readonly type: string },
  ): void {
    const who = hostOf(actor);
    const address = formatEndpoint(remote);
    const other = this.#places.hostAt(who, address);
    const journey = kind === 'sent' ? [who, other, message.type] : [other, who, message.type];
    const mark = other === undefined ? 0 : this.#markOf(journey.join(' '));
    const known = [kind, this.#at, '', address, wordsOf(message), 0, mark, who] as const;
    this.#tap.queue.add(other === undefined ? known : [...known, other]);
  }

  /** The same for what is sent and for its arrival, as far as a chart's events can tell. */
  #markOf(journey: string): number {
    const known = this.#marks.get(journey) ?? this.#marks.size + 1;
    this.#marks.set(journey, known);
    return known;
  }
}

/** Whose addresses are whose, as the events of a recording show it. */
class Places {
  readonly #hosts = new Map<string, string>();

  learn(actor: string, event: EventObject): void {
    const [, chart = ''] = actor.split('/', 2);
    const { server, remote, from } = event as { server?: Endpoint; remote?: Endpoint; from?: Endpoint };
    const who = hostOf(actor);
    const know = (endpoint: Endpoint, host: string) => this.#hosts.set(formatEndpoint(endpoint), host);
    if (event.type === 'transport.opened' && server !== undefined) know(server, 'server');
    if (event.type === 'introduced' && remote !== undefined) know(remote, chart.replace(/^link:/, ''));
    // A session has the name of its client.
    if (!event.type.startsWith('datagram.') || from === undefined) return;
    if (who === 'server') know(from, chart);
    else if (chart.startsWith('link:') && !this.#hosts.has(formatEndpoint(from)))
      know(from, chart.slice('link:'.length));
  }

  hostAt(asker: string, address: string): string | undefined {
    const host = this.#hosts.get(address);
    return host === asker ? undefined : host;
  }
}

function isSame(value: StateValue, recorded: StateValue): boolean {
  return (
    JSON.stringify(value) === JSON.stringify(recorded) || canonicalJson(value) === canonicalJson(recorded)
  );
}

function hostOf(actor: string): string {
  return actor.split('/', 1)[0] ?? '';
}

/** Letters of protocol 2 are known by their type alone: what the chart has of them is not what was sent. */
function wordsOf(message: { readonly type: string }): string {
  const isPlain = plainTypes.has(message.type) && hasFields(message);
  return isPlain ? wordsFor(message as Message) : `${message.type[0]?.toUpperCase()}${message.type.slice(1)}`;
}

const plainTypes: ReadonlySet<string> = new Set<Message['type']>(['register', 'holePunchRequest']);

function hasFields(message: object): boolean {
  return 'name' in message && typeof message.name === 'string';
}
