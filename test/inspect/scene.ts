/** Inspected processes, hubs and viewers, all in this process, each closed after its test. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { afterEach } from 'node:test';
import { WebSocket } from 'ws';
import { clientMachine } from '../../machines/client.ts';
import { linkMachine } from '../../machines/link.ts';
import { sessionMachine } from '../../machines/session.ts';
import { type Clock, pause, realAmbient } from '../../runtime/ambient.ts';
import { viewerKey } from '../../runtime/inspect/gate.ts';
import { Hub } from '../../runtime/inspect/hub.ts';
import { type Inspection, startInspection } from '../../runtime/inspect/inspection.ts';
import type { HubRecord, SourceIdentity, SourceRecord } from '../../runtime/inspect/records.ts';
import { newChallenge, Secret } from '../../runtime/inspect/secret.ts';
import { enact, type Live } from '../../runtime/stage.ts';

export const secret = new Secret(newChallenge());
export const server = { address: '192.0.2.1', port: 39_738 };
export const alice = { address: '198.51.100.7', port: 5_000 };

/** What a test has opened, closed after it in reverse order. */
export const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

/** A step with its words spelled out. */
export type Step = {
  readonly actor: number;
  readonly event: string;
  readonly state: string;
  readonly taken: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
};

/** A browser, as far as the hub can tell: everything it was told. */
export class Viewer {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  /** By the number of their source. */
  readonly sources = new Map<number, SourceIdentity>();
  readonly gone = new Set<number>();
  readonly told: { readonly source: number; readonly record: SourceRecord }[] = [];
  #speaker = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      for (const text of String(data).split('\n')) this.#hear(text);
    });
  }

  /** All steps, in order; those of one label only, if it is given. */
  steps(label?: string): readonly Step[] {
    return this.told.flatMap(({ source, record }) => {
      if (record[0] !== 'step' || (label !== undefined && this.sources.get(source)?.label !== label))
        return [];
      const [, actor, , event, state, taken, details = {}] = record;
      const word = (number: number) => this.#word(source, number);
      return [{ actor, event: word(event), state: word(state), taken: taken.map(word), details }];
    });
  }

  records<Kind extends SourceRecord[0]>(kind: Kind): Extract<SourceRecord, readonly [Kind, ...unknown[]]>[] {
    return this.told.flatMap(({ record }) =>
      record[0] === kind ? [record as Extract<SourceRecord, readonly [Kind, ...unknown[]]>] : [],
    );
  }

  hasState(state: string, label?: string): boolean {
    return this.steps(label).some((step) => step.state.startsWith(state));
  }

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) await new Promise((resolve) => this.socket.once('message', resolve));
  }

  say(value: unknown): void {
    this.socket.send(JSON.stringify(value));
  }

  #word(source: number, number: number): string {
    for (const { source: teller, record } of this.told) {
      if (teller === source && record[0] === 'word' && record[1] === number) return record[2];
    }
    return `(no word ${number})`;
  }

  #hear(text: string): void {
    this.texts.push(text);
    const record = JSON.parse(text) as HubRecord | SourceRecord;
    if (record[0] === 'source') this.sources.set(record[1], record[2]);
    else if (record[0] === 'gone') this.gone.add(record[1]);
    else if (record[0] === 'from') this.#speaker = record[1];
    else this.told.push({ source: this.#speaker, record });
  }
}

export async function inspected(label: string, port = 0): Promise<Inspection> {
  const inspection = await startInspection({ label, port, secret });
  opened.push(inspection);
  return inspection;
}

export async function hubAlone(itsSecret = secret): Promise<Hub> {
  const hub = await Hub.open({ port: 0, secret: itsSecret, clock: realAmbient.clock });
  opened.push(hub);
  return hub;
}

/** A viewer at the hub of that port. */
export async function view(port: number): Promise<Viewer> {
  const socket = dial(port, `/view?key=${viewerKey(port, secret)}`, {
    Origin: `http://127.0.0.1:${port}`,
  });
  // Listens from the start: the first lines may come together with the answer to the request.
  const viewer = new Viewer(socket);
  await whenOpen(socket);
  return viewer;
}

/** As the page does when its hub has ended. */
export async function viewAgain(port: number): Promise<Viewer> {
  for (;;) {
    try {
      return await view(port);
    } catch {
      await pause(realAmbient.clock, 5);
    }
  }
}

export function connect(port: number, path: string, headers: Record<string, string>): Promise<WebSocket> {
  return whenOpen(dial(port, path, headers));
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(realAmbient.clock, 1);
}

/** Time that stands still: no chart moves unless it is told to. */
export const stillClock: Clock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => {} };

type Watched = Pick<Inspection, 'inspect'>;

export function session({ inspect }: Watched, name = 'alice', label?: string): Live<typeof sessionMachine> {
  const input = { name, client: alice, ttlMs: 90_000 };
  return enact(stageOf(inspect, label), sessionMachine, name, input, { perform() {} });
}

export function clientOf({ inspect }: Watched, name = 'alice'): Live<typeof clientMachine> {
  return enact(stageOf(inspect), clientMachine, 'client', { name, patienceMs: 60_000 }, { perform() {} });
}

export function linkOf({ inspect }: Watched): Live<typeof linkMachine> {
  const input = {
    name: 'alice',
    peer: 'bob',
    server,
    remote: null,
    patienceMs: 60_000,
    punchBudgetMs: 30_000,
  };
  return enact(stageOf(inspect), linkMachine, 'link:bob', input, { perform() {} });
}

export function portOf({ url }: Pick<Inspection, 'url'>): number {
  return Number(new URL(url).port);
}

export function ticketIn({ url }: Pick<Inspection, 'url'>): string {
  return new URL(url).hash.replace('#ticket=', '');
}

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export function ask(
  port: number,
  path: string,
  {
    host = `127.0.0.1:${port}`,
    address = '127.0.0.1',
    method = 'GET',
    origin,
    body = '',
  }: {
    readonly host?: string;
    readonly address?: string;
    readonly method?: string;
    readonly origin?: string;
    readonly body?: string;
  } = {},
): Promise<Answer> {
  const headers = { host, ...(origin === undefined ? {} : { origin }) };
  return new Promise((resolve, reject) => {
    const asked = request({ host: address, port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    asked.on('error', reject).end(body);
  });
}

function stageOf(inspect: Inspection['inspect'], label?: string) {
  return { clock: stillClock, random: () => 0, inspect, ...(label === undefined ? {} : { label }) };
}

function dial(port: number, path: string, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  opened.push({ close: () => socket.terminate() });
  return socket;
}

function whenOpen(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('error', reject);
  });
}
