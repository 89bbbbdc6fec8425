import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Host, type Laboratory, type LabProcess, serverAddresses } from './laboratory.ts';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Why the command cannot be run, or `undefined` where it can. */
export function commandUnavailable(): string | undefined {
  return existsSync(command) ? undefined : `there is no ${command}: run npm run build`;
}

export type ServerDescription = {
  /** Which of its addresses it listens at; the first of IPv4, unless told. */
  readonly host?: string | 'any';
  /** Which machine's key and leases it has, by a name. Servers that are started without have nothing in common. */
  readonly data?: string;
  /** Whether it serves clients of protocol 1 besides. */
  readonly allowProtocol1?: boolean;
};

/** A server that listens. */
export async function startServer(
  lab: Laboratory,
  { host = serverAddresses.ipv4[0], data, allowProtocol1 }: ServerDescription = {},
): Promise<CommandLine> {
  const server = new CommandLine(lab, lab.server, [
    ...['server', '--json', '--data', data === undefined ? 'none' : dataDirectory(data)],
    ...(host === 'any' ? [] : ['--host', host]),
    ...(allowProtocol1 ? ['--allow-protocol-1'] : []),
  ]);
  if (!(await server.report(({ type }) => type === 'listening'))) {
    throw new Error(`the server did not start: ${server.complaints}`);
  }
  return server;
}

/** Where a server of that name keeps its key and its leases. */
export function dataDirectory(name: string): string {
  return `${homes}/data of ${name}`;
}

export type ClientDescription = {
  readonly name: string;
  /** Whom it calls, by name or by full address. Without, it waits to be called. */
  readonly peer?: string;
  /** The first address of IPv4, unless told. */
  readonly server?: string;
  /** 10, unless told. */
  readonly timeoutSeconds?: number;
  readonly protocol?: 1 | 2;
  /** Whose keys it uses, and whose memory; those of whoever has its name, unless told. */
  readonly user?: string;
};

/** Clients of one name on one host have the same key and the same memory, even one after the other. */
export function startClient(
  lab: Laboratory,
  host: Host,
  { name, peer, server = serverAddresses.ipv4[0], timeoutSeconds = 10, protocol, user }: ClientDescription,
): CommandLine {
  const args = [
    ...['client', server, name, ...(peer === undefined ? [] : [peer])],
    ...['--json', '--timeout', String(timeoutSeconds)],
    ...(protocol === undefined ? [] : ['--protocol', String(protocol)]),
  ];
  return new CommandLine(lab, host, args, user ?? name);
}

/** Satisfied by a report that a client, or one of its links, is in a state. */
export function reaches(of: 'client' | 'link', state: string): (report: Report) => boolean {
  return (report) => report.type === 'state' && report.of === of && report.state === state;
}

/** A line of the command's JSON output; which fields it has depends on its type. */
export type Report = { readonly type: string; readonly [field: string]: unknown };

/** The product's own command, run on a host of a lab, and what it has reported so far. */
export class CommandLine {
  readonly #process: LabProcess;
  readonly #reports: Report[] = [];
  readonly #reading: Promise<void>;
  #wake: () => void = () => {};
  #news: Promise<void>;
  #isOver = false;
  #complaints = '';

  constructor(lab: Laboratory, host: Host, args: readonly string[], user = 'nobody in particular') {
    const home = `${homes}/${host.namespace}/${encodeURIComponent(user)}`;
    const environment = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
    this.#process = lab.spawn(host, process.execPath, [command, ...args], { environment });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.#news = this.#nextNews();
    this.#reading = this.#read();
  }

  /**
   * The first report, past or to come, that satisfies; `undefined` when the command ends without one. Rejects with all
   * that was reported when none comes for longer than any wait of the protocol.
   */
  async report(satisfies: (report: Report) => boolean): Promise<Report | undefined> {
    const over = new AbortController();
    const late = setTimeout(PATIENCE_MS, 'late' as const, { ref: false, signal: over.signal }).catch(
      () => {},
    );
    try {
      for (;;) {
        const found = this.#reports.find(satisfies);
        if (found !== undefined || this.#isOver) return found;
        if ((await Promise.race([this.#news, late])) === 'late') throw this.#silence();
      }
    } finally {
      over.abort();
    }
  }

  /** All reports so far that satisfy, in the order of their coming. */
  reports(satisfies: (report: Report) => boolean): readonly Report[] {
    return this.#reports.filter(satisfies);
  }

  /** Types a line. */
  say(text: string): void {
    this.#process.stdin.write(`${text}\n`);
  }

  /** Whether the peer's words, past or to come, contain the text as a line of its own. */
  async hears(text: string): Promise<boolean> {
    return (await this.report((report) => report.type === 'message' && report.text === text)) !== undefined;
  }

  /** All that the peers have said so far, in the order of its coming. */
  get heard(): readonly unknown[] {
    return this.reports(({ type }) => type === 'message').map(({ text }) => text);
  }

  /** Ends its input, as the end of a pipe does. */
  endInput(): void {
    this.#process.stdin.end();
  }

  /** What it printed that was no report. */
  get complaints(): string {
    return this.#complaints;
  }

  /** The exit code, once it has ended and all of its reports are read; `null` if a signal ended it. */
  get exitCode(): Promise<number | null> {
    return this.#reading.then(async () => (await this.#process.ended).code);
  }

  /** Ends it without a chance to say good-bye. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.ended;
  }

  /** Ends it as Ctrl-C does. */
  async interrupt(): Promise<void> {
    this.#process.signal('SIGINT');
    await this.#process.ended;
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const line of this.#process.lines()) {
      this.#reports.push(JSON.parse(line) as Report);
      this.#tell();
    }
    this.#isOver = true;
    this.#tell();
  }

  #silence(): Error {
    const reports = this.#reports.map((report) => JSON.stringify(report)).join('\n');
    return new Error(
      `no such report for ${PATIENCE_MS} ms; what there was:\n${reports}\n${this.#complaints}`,
    );
  }

  #tell(): void {
    this.#wake();
    this.#news = this.#nextNews();
  }

  #nextNews(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Longer than a link takes to be lost, and a client to be registered again. */
const PATIENCE_MS = 90_000;

/** Where people keep their keys: in the /run that each lab has for itself, and that goes with it. */
const homes = '/run/homes';
