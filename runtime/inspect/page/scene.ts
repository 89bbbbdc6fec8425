import type { PassageFate, SourceRecord } from '../records.ts';
import {
  type Actor,
  type Chart,
  type Crowd,
  chain,
  type Datagram,
  type Found,
  type Host,
  type Item,
  type Source,
  type Step,
} from './history.ts';
import { Meetings } from './meetings.ts';

/** One run, or all that is live: everything that has happened in it, in the order of time. */
export class Scene {
  readonly key: string;
  readonly title: string;
  readonly times: Source['identity']['times'];
  readonly isLive: boolean;
  items: Item[] = [];
  readonly actors = new Map<string, Actor>();
  readonly hosts = new Map<string, Host>();
  readonly crowds = new Map<string, Crowd>();
  readonly found = new Map<Source, Found>();
  /** Steps and datagrams that were not told. */
  missed = 0;
  /** Of the lines, where a run tells it. */
  lifelines: readonly string[] = [];
  readonly #meetings = new Meetings();
  #settled = 0;
  #isInOrder = true;

  constructor(source: Source) {
    const { label, times, isRecorded, id } = source.identity;
    this.isLive = !isRecorded;
    this.key = this.isLive ? 'live' : id;
    this.title = this.isLive ? 'Live' : label;
    this.times = times;
  }

  /** Takes what a source tells, some of it perhaps again. Whatever is no record of ours is left out. */
  take(source: Source, record: SourceRecord, isAgain: boolean): void {
    switch (record[0]) {
      case 'actor':
        return this.#enter(source, record);
      case 'step':
        return this.#advance(source, record, isAgain);
      case 'sent':
      case 'received':
        return this.#carry(source, record);
      case 'passage':
        return this.#pass(source, record);
      case 'unsent':
        return this.#note(source, record[1], undefined, `could not send to ${record[2]}: ${record[3]}`);
      case 'note':
        return this.#note(source, record[1], record[2], record[3]);
      case 'missed':
        this.missed += record[2];
        return this.#note(source, record[1], undefined, `had too much to do to tell ${record[2]} more`);
      case 'lifelines':
        this.lifelines = record[1];
        for (const name of record[1]) this.#hostOf(source, name);
        return;
      case 'crowd':
        return this.#count(source, record);
      case 'found':
        this.found.set(source, {
          search: record[1],
          total: record[2],
          actors: record[3].map(([number, chart, id, state]) => ({
            number,
            id,
            chart: source.charts.get(chart)?.name ?? '',
            state: source.words.get(state) ?? '',
          })),
        });
    }
  }

  /** Forgets what a source has told: it tells it again. */
  forget({ identity: { id } }: Source): void {
    const isOther = ({ source }: { readonly source: Source | undefined }) => source?.identity.id !== id;
    this.items = this.items.filter(isOther);
    for (const table of [this.actors, this.hosts, this.crowds]) {
      for (const [key, entry] of table) if (!isOther(entry)) table.delete(key);
    }
    this.#meetings.forget((datagram) => isOther(datagram));
    this.#isInOrder = false;
  }

  /** Puts what has come into the order of time. */
  settle(): void {
    const { items } = this;
    if (!this.#isInOrder) {
      this.items = items.filter((item) => item.kind !== 'datagram' || item.isMerged !== true);
      this.items.sort((one, other) => one.at - other.at);
      for (const { steps } of this.actors.values()) {
        steps.sort((one, other) => one.at - other.at);
        chain(steps);
      }
      this.#settled = 0;
      this.#isInOrder = true;
    }
    for (let order = this.#settled; order < this.items.length; order += 1) {
      const item = this.items[order];
      if (item !== undefined) item.order = order;
    }
    this.#settled = this.items.length;
  }

  /** The last moment that is known. */
  get endsAt(): number {
    return this.items.at(-1)?.at ?? 0;
  }

  get beginsAt(): number {
    return this.items[0]?.at ?? 0;
  }

  #enter(
    source: Source,
    [, number, chartNumber, id, at]: Extract<SourceRecord, readonly ['actor', ...unknown[]]>,
  ): void {
    const chart = source.charts.get(chartNumber);
    const key = `${source.identity.id}/${number}`;
    if (chart === undefined || this.actors.has(key)) return;
    const [first = '', ...rest] = id.split('/');
    const host = this.#hostOf(source, rest.length === 0 ? undefined : first);
    const name = rest.length === 0 ? id : rest.join('/');
    this.actors.set(key, {
      key,
      number,
      source,
      host,
      chart,
      id: name,
      beganAt: this.#timeOf(source, at),
      steps: [],
    });
  }

  #advance(
    source: Source,
    record: Extract<SourceRecord, readonly ['step', ...unknown[]]>,
    isAgain: boolean,
  ): void {
    const [, number, at, event, state, taken, details = {}] = record;
    const actor = this.actors.get(`${source.identity.id}/${number}`);
    if (actor === undefined) return;
    const time = this.#timeOf(source, at);
    const last = actor.steps.at(-1);
    const word = (index: number) => source.words.get(index) ?? '';
    if (isAgain && last !== undefined && last.at >= time) return;
    const step: Step = {
      kind: 'step',
      at: time,
      order: 0,
      source,
      actor,
      event: word(event),
      state: word(state),
      taken: taken.map(word),
      details,
      arms: (details.arms ?? []).map(([timer, delayMs]) => ({ timer: word(timer), delayMs })),
      index: 0,
      since: time,
      isArrival: true,
    };
    actor.steps.push(step);
    chain(actor.steps, actor.steps.length - 1);
    this.#add(step);
  }

  #carry(source: Source, record: Extract<SourceRecord, readonly ['sent' | 'received', ...unknown[]]>): void {
    const [kind, at, local, remote, message, bytes, mark, who, other] = record;
    const host = this.#hostOf(source, who);
    if (local !== '') host.addresses.add(local);
    const otherHost = other === undefined ? undefined : this.#hostOf(source, other);
    const datagram: Datagram = {
      kind: 'datagram',
      at: this.#timeOf(source, at),
      order: 0,
      source,
      sender: kind === 'sent' ? host : otherHost,
      receiver: kind === 'sent' ? otherHost : host,
      from: kind === 'sent' ? local : remote,
      to: kind === 'sent' ? remote : local,
      message,
      bytes,
      fate: { type: kind },
    };
    this.#add(datagram);
    if (mark !== 0 && this.#meetings.meet(datagram, mark)) this.#isInOrder = false;
  }

  #pass(source: Source, record: Extract<SourceRecord, readonly ['passage', ...unknown[]]>): void {
    const [, at, sender, receiver, from, to, , message, bytes, fate] = record;
    this.#add({
      kind: 'datagram',
      at: this.#timeOf(source, at),
      order: 0,
      source,
      sender: this.#hostOf(source, sender),
      receiver: this.#hostOf(source, receiver),
      from,
      to,
      message,
      bytes,
      fate: fate as PassageFate,
    });
  }

  #note(source: Source, at: number, who: string | undefined, message: string): void {
    const host = this.#hostOf(source, who?.split('/', 1)[0]);
    this.#add({ kind: 'note', at: this.#timeOf(source, at), order: 0, source, host, message });
  }

  #count(
    source: Source,
    [, number, , total, counts]: Extract<SourceRecord, readonly ['crowd', ...unknown[]]>,
  ): void {
    const chart: Chart | undefined = source.charts.get(number);
    if (chart === undefined) return;
    const key = `${source.identity.id}/${number}`;
    const host = this.#hostOf(source, undefined);
    const named = counts.map(([state, count]) => [source.words.get(state) ?? '', count] as const);
    const sorted = named.toSorted(([, one], [, other]) => other - one);
    this.crowds.set(key, { key, host, chart, source, total, counts: sorted });
  }

  #add(item: Item): void {
    const last = this.items.at(-1);
    if (last !== undefined && last.at > item.at) this.#isInOrder = false;
    this.items.push(item);
  }

  /** A host of a source: the process as a whole, unless it tells of several. */
  #hostOf(source: Source, name: string | undefined): Host {
    const key = `${source.identity.id}/${name ?? ''}`;
    const known = this.hosts.get(key);
    if (known !== undefined) return known;
    const own = source.identity.label.replace(/^client /, '');
    const host: Host = {
      key,
      name: name ?? own,
      role: roleOf(name ?? own, source),
      source,
      addresses: new Set(),
    };
    this.hosts.set(key, host);
    return host;
  }

  #timeOf({ identity: { startedAt, times, isRecorded } }: Source, at: number): number {
    return times === 'real' && !isRecorded ? startedAt + at : at;
  }
}

function roleOf(name: string, { identity }: Source): Host['role'] {
  if (name === 'server') return 'server';
  if (/NAT|router|shared/i.test(name) && identity.times !== 'real') return 'nat';
  return 'client';
}
