import { accessKinds } from '../../runtime/simulation/behaviour.ts';
import { startServer } from './command-line.ts';
import type { Order, Progress } from './connector.ts';
import type { Impairment } from './impairment.ts';
import { Laboratory, type LabProcess, serverAddresses } from './laboratory.ts';
import { programArguments } from './program.ts';

type Protocol = 1 | 2;

/** How long it took from the request until both sides were connected, in ms; or why, and since when, they are not. */
export type Attempt = { readonly protocol: Protocol } & (
  | { readonly connected: true; readonly milliseconds: number }
  | { readonly connected: false; readonly reason: string }
);

/** The product's numbers are promised for such lines: 50 ms to the core and back, so 100 ms between two peers. */
export const distantLine: Impairment = { delayMilliseconds: 25 };

/** An attempt that takes longer has failed, as far as people are concerned. */
export const patienceMilliseconds = 10_000;

/**
 * Milliseconds from the request until both sides are connected, for `count` pairs of fresh peers of each protocol, one
 * pair after the other, behind two home routers with {@link distantLine}s. In protocol 2 the caller knows the key.
 * Rejects when one does not connect.
 */
export async function measureLabConnects(count: number): Promise<Record<Protocol, number[]>> {
  const attempts = await attemptConnects({ count, atOnce: 1, line: distantLine, protocols: [1, 2] });
  const times: Record<Protocol, number[]> = { 1: [], 2: [] };
  for (const attempt of attempts) {
    if (!attempt.connected) throw new Error(`an attempt over unimpaired lines failed: ${attempt.reason}`);
    times[attempt.protocol].push(attempt.milliseconds);
  }
  return times;
}

export type AttemptOptions = {
  /** Of each protocol. */
  readonly count: number;
  readonly protocols: readonly Protocol[];
  readonly atOnce: number;
  /** Of each of the two homes. */
  readonly line: Impairment;
  readonly seed?: number;
};

/** As many pairs of fresh peers, `atOnce` at a time, through one process in each of two homes. */
export async function attemptConnects(options: AttemptOptions): Promise<Attempt[]> {
  const { count, protocols, atOnce, line: impairment, seed = 1 } = options;
  const access = accessKinds['home-router'];
  const sites = ['calling', 'answering'].map((name) => ({ name, access, impairment }));
  const lab = await Laboratory.build({ sites, seed });
  try {
    await startServer(lab, { allowProtocol1: protocols.includes(1) });
    const calling = new Connector(lab, 'calling');
    const answering = new Connector(lab, 'answering');
    const attempts: Attempt[] = [];
    // In turns, so that what else the machine does befalls all alike.
    const waiting = Array.from({ length: count }, (_, number) =>
      protocols.map((protocol) => ({ protocol, number })),
    ).flat();
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        attempts.push(await attempt(calling, answering, next));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return attempts;
  } finally {
    await lab.dispose();
  }
}

/** The value that a share of the values is not above. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

async function attempt(
  calling: Connector,
  answering: Connector,
  { protocol, number }: { readonly protocol: Protocol; readonly number: number },
): Promise<Attempt> {
  const [caller, answerer] = [`alice${number} (${protocol})`, `bob${number} (${protocol})`];
  const [server] = serverAddresses.ipv4;
  calling.order({ open: caller, server, protocol });
  answering.order({ open: answerer, server, protocol });
  const [, { key = '' }] = await Promise.all([
    calling.hears(caller, 'registered'),
    answering.hears(answerer, 'registered'),
  ]);
  calling.order({ open: caller, call: answerer, key });
  const { at } = await calling.hears(caller, 'asking');
  const ends = await Promise.all([
    calling.hears(caller, 'connected', patienceMilliseconds),
    answering.hears(answerer, 'connected', patienceMilliseconds),
  ]);
  calling.order({ close: caller });
  answering.order({ close: answerer });
  const failures = ends.filter(({ event }) => event !== 'connected');
  if (failures.length === 0) {
    return { protocol, connected: true, milliseconds: Math.max(...ends.map((end) => end.at)) - at };
  }
  const reason = failures.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  return { protocol, connected: false, reason };
}

/** The connector program on the host of a site. */
class Connector {
  readonly #process: LabProcess;
  readonly #progress: Progress[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(lab: Laboratory, site: string) {
    this.#process = lab.spawn(lab.host(site), process.execPath, programArguments('connector'));
    this.#process.stderr.pipe(process.stderr);
    void this.#read();
  }

  order(order: Order): void {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`);
  }

  /** The event, or what came instead: a failure, or an invented one when nothing came in time. */
  async hears(name: string, event: Progress['event'], milliseconds = 60_000): Promise<Progress> {
    return new Promise((resolve) => {
      const settle = (progress: Progress) => {
        clearTimeout(late);
        this.#waiting.delete(look);
        resolve(progress);
      };
      const look = () => {
        const found = this.#progress.find(
          (progress) => progress.name === name && (progress.event === event || progress.event === 'failed'),
        );
        if (found !== undefined) settle(found);
      };
      const reason = `not ${event} after ${milliseconds} ms`;
      const late = setTimeout(() => settle({ name, event: 'failed', at: Number.NaN, reason }), milliseconds);
      this.#waiting.add(look);
      look();
    });
  }

  async #read(): Promise<void> {
    for await (const line of this.#process.lines()) {
      this.#progress.push(JSON.parse(line) as Progress);
      for (const look of [...this.#waiting]) look();
    }
  }
}
