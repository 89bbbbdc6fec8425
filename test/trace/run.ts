import { Readable } from 'node:stream';
import type { AnyActor } from 'xstate';
import { PeerHost } from '../../runtime/peer.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import type { Stage } from '../../runtime/stage.ts';
import { readTrace } from '../../runtime/trace/reader.ts';
import { createRecorder, type Recorder } from '../../runtime/trace/recorder.ts';
import { type Charts, type ReplayItem, type ReplayStep, replay } from '../../runtime/trace/replay.ts';
import { createTraceWriter } from '../../runtime/trace/writer.ts';
import { access, endpoint, MemoryNetwork } from '../support/memory-network.ts';

const SERVER = '192.0.2.1:39738';

export const SECRET = 'the key is under the mat';

/** A server and two clients in virtual time, all in one trace. */
export class RecordedRun {
  readonly network: MemoryNetwork;
  readonly server: Rendezvous;
  readonly alice: PeerHost;
  readonly bob: PeerHost;
  readonly recorder: Recorder;
  /** What XState itself says of each event that was taken: actor, event, state after it. */
  readonly witnessed: string[] = [];
  trace = '';

  constructor({ seed = 1, maxBytes, loss = 0 }: { seed?: number; maxBytes?: number; loss?: number } = {}) {
    this.network = new MemoryNetwork(seed);
    const sink = {
      write: (line: string) => {
        this.trace += line;
        return true;
      },
    };
    const writer = createTraceWriter(
      sink,
      { label: 'all', seed },
      maxBytes === undefined ? {} : { maxBytes },
    );
    this.recorder = createRecorder(writer, this.network.clock);
    const open = (where: string) => this.network.open(where, access({ delayMs: 10, jitterMs: 5, loss }));
    this.server = new Rendezvous(this.#stage('server'), open(SERVER));
    this.alice = new PeerHost(this.#stage('alice'), { name: 'alice', server: SERVER });
    this.bob = new PeerHost(this.#stage('bob'), { name: 'bob', server: SERVER });
    this.alice.opened(open('198.51.100.10:5000'), endpoint(SERVER));
    this.bob.opened(open('203.0.113.20:6000'), endpoint(SERVER));
  }

  /** Connects, talks, and closes everything. The trace is whole then. */
  async play(): Promise<this> {
    while (this.alice.state !== 'registered') this.network.clock.advance(1000);
    const link = this.alice.link('bob');
    this.network.clock.advance(5000);
    if (link.state === 'connected') link.send(SECRET);
    this.network.clock.advance(30_000);
    await this.alice.close();
    this.network.clock.advance(100_000);
    await this.bob.close();
    await this.server.close();
    this.recorder.end();
    return this;
  }

  #stage(label: string): Stage {
    return {
      clock: this.network.clock,
      random: this.network.random,
      label,
      inspect: (event) => {
        this.recorder.inspect(event);
        if (event.type !== '@xstate.snapshot') return;
        const { value } = event.snapshot as unknown as { value: unknown };
        this.witnessed.push(
          `${(event.actorRef as AnyActor).id} ${event.event.type} ${JSON.stringify(value)}`,
        );
      },
    };
  }
}

/** Everything that a replay of the bytes says. */
export async function replayed(trace: string | Uint8Array, charts?: Charts): Promise<ReplayItem[]> {
  const items: ReplayItem[] = [];
  for await (const item of replay(readTrace(Readable.from([Buffer.from(trace)])), charts)) items.push(item);
  return items;
}

export function stepsIn(items: readonly ReplayItem[]): ReplayStep[] {
  return items.filter((item) => item.type === 'step');
}

/** As {@link RecordedRun.witnessed} says it. */
export function transitionOf({ actor, event, after }: ReplayStep): string {
  return `${actor} ${event.type} ${JSON.stringify(after)}`;
}

/** `end`, `cut`, or the code and the line of the fault. */
export function endingOf(items: readonly ReplayItem[]): string {
  const last = items.at(-1);
  if (last?.type === 'end') return last.isWhole ? 'end' : 'cut';
  return last?.type === 'fault' ? `${last.fault.code} ${last.fault.line}` : 'none';
}
