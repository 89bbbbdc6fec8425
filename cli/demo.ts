import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatEndpoint } from '../machines/endpoint.ts';
import { realEntropy } from '../runtime/ambient.ts';
import { PunchError } from '../runtime/errors.ts';
import { openKeyFile } from '../runtime/identity/key-file.ts';
import { type AccessKind, accessKinds, isAccessKind } from '../runtime/simulation/behaviour.ts';
import { kernelPlaces, loopbackPlaces, type Places, type Running } from './demo-places.ts';
import { exitCodes } from './exit.ts';
import { type Inspection, type InspectOptions, inspectIf, showUntilInterrupted } from './inspection.ts';
import { recordingOf } from './recording.ts';
import { milliseconds, type Report, render } from './render.ts';
import { clock, openTerminal } from './terminal.ts';

export type DemoOptions = InspectOptions & {
  readonly nat: readonly string[];
  readonly json?: boolean;
  readonly record?: string;
};

/** `punch demo`: a server and two clients find each other, connect and talk. Resolves to the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const kinds = options.nat.filter(isAccessKind);
  if (kinds.length < options.nat.length || (options.nat.length !== 0 && options.nat.length !== 2)) {
    process.stderr.write(`Give --nat twice, each with one of: ${Object.keys(accessKinds).join(', ')}.\n`);
    return exitCodes.usage;
  }
  if (kinds.length > 0 && (options.inspect === true || options.inspectTo !== undefined)) {
    process.stderr.write(`${BEHIND_NATS}\n`);
    return exitCodes.usage;
  }
  const terminal = openTerminal(options);
  const { interrupted } = terminal;
  const places = await openPlaces(kinds);
  if (places === undefined) return exitCodes.failed;
  const folder = await mkdtemp(join(tmpdir(), 'punch-demo-'));
  let inspection: Inspection | undefined;
  try {
    // The three processes come and go. This one keeps what they tell until somebody has seen it.
    inspection = await inspectIf(options, 'demo', terminal);
    const demo = new Demo(places, folder, options);
    const stopped = new Promise<number>((resolve) => {
      interrupted.addEventListener('abort', () => resolve(exitCodes.interrupted), { once: true });
    });
    const code = await Promise.race([demo.play(), stopped]);
    if (inspection?.isServingPage === true) await showUntilInterrupted(terminal);
    return code;
  } catch (error) {
    if (!(error instanceof PunchError)) throw error;
    terminal.report({ type: 'end', outcome: 'failed', code: exitCodes.failed, reason: error.message });
    return exitCodes.failed;
  } finally {
    await inspection?.close();
    await places.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const BEHIND_NATS =
  'The page cannot reach into the network namespaces behind --nat. Leave it out, or watch punch simulate --inspect.';

async function openPlaces([alice, bob]: readonly AccessKind[]): Promise<Places | undefined> {
  if (alice === undefined || bob === undefined) return loopbackPlaces();
  const { labUnavailable } = await import('../test/natlab/availability.ts');
  const reason = labUnavailable();
  if (reason === undefined) return kernelPlaces(alice, bob);
  process.stderr.write(`${reason}\n`);
  return undefined;
}

type Actor = 'server' | 'alice' | 'bob';
type ClientName = Exclude<Actor, 'server'>;

/** What the reports of one process say so far, and who waits for more. */
type Story = { readonly told: Report[]; wake: () => void; isOver: boolean };

class Demo {
  readonly #places: Places;
  readonly #folder: string;
  readonly #json: boolean;
  readonly #record: string | undefined;
  readonly #inspection: readonly string[];
  readonly #startedAt = clock.now();
  readonly #stories: Record<Actor, Story> = { server: newStory(), alice: newStory(), bob: newStory() };

  /** The keys of this run alone are in the folder. */
  constructor(places: Places, folder: string, { json, record, inspect, inspectTo }: DemoOptions) {
    this.#places = places;
    this.#folder = folder;
    this.#json = json === true;
    this.#record = record;
    const isWatched = inspect === true || inspectTo !== undefined;
    this.#inspection = isWatched ? [inspectTo === undefined ? '--inspect' : `--inspect=${inspectTo}`] : [];
  }

  async play(): Promise<number> {
    this.#say(`${this.#places.description}.\n\n`);
    const host = this.#places.serverAddress;
    const keys = { alice: await this.#keysOf('alice'), bob: await this.#keysOf('bob') };
    const place = ['--host', host, '--port', '0'];
    const server = this.#start('server', ['server', ...place, '--data', 'none', '--json']);
    let lastStarted = server;
    try {
      const { endpoint, key } = await this.#hear('server', isListening);
      const address = `${formatEndpoint(endpoint)}#${key}`;
      const bob = this.#start('bob', ['client', address, 'bob', ...keys.bob, '--json']);
      lastStarted = bob;
      await this.#hear('bob', isRegistered);
      const alice = this.#start('alice', ['client', address, 'alice', 'bob', ...keys.alice, '--json']);
      lastStarted = alice;
      await Promise.all([this.#hear('alice', isConnected), this.#hear('bob', isConnected)]);
      alice.write('Hello bob, nothing stands between us.\n');
      bob.write('Hello alice, I hear you directly.\n');
      await Promise.all([this.#hear('alice', isMessage), this.#hear('bob', isMessage)]);
      alice.closeInput();
      bob.closeInput();
      const codes = await Promise.all([alice.ended, bob.ended]);
      await server.stop();
      this.#say(`\n${this.#summary()}\n`);
      return codes.find((code) => code !== exitCodes.done) ?? exitCodes.done;
    } catch (error) {
      if (!(error instanceof StoryEnded)) throw error;
      return this.#fail(lastStarted);
    }
  }

  /** Options for a client who has a key of its own, and has met nobody yet. */
  async #keysOf(who: ClientName): Promise<readonly string[]> {
    const key = join(this.#folder, `${who}-key`);
    await openKeyFile(key, realEntropy);
    return ['--key', key, '--known-keys', join(this.#folder, `${who}-known-keys`)];
  }

  #start(who: Actor, args: readonly string[]): Running {
    const recording = this.#record === undefined ? [] : ['--record', recordingOf(who, this.#record)];
    const running = this.#places.run(who, [...args, ...recording, ...this.#inspection]);
    void this.#follow(who, running);
    return running;
  }

  async #follow(who: Actor, running: Running): Promise<void> {
    const story = this.#stories[who];
    for await (const line of running.lines) {
      const report = JSON.parse(line) as Report;
      story.told.push(report);
      this.#show(who, report);
      story.wake();
    }
    story.isOver = true;
    story.wake();
  }

  /** Waits until a process has said something. Rejects with {@link StoryEnded} if it ends, or fails, before. */
  async #hear<Wanted extends Report>(
    who: Actor,
    isWanted: (report: Report) => report is Wanted,
  ): Promise<Wanted> {
    const story = this.#stories[who];
    for (;;) {
      const found = story.told.find(isWanted);
      if (found !== undefined) return found;
      if (story.isOver || story.told.some(isFailure)) throw new StoryEnded(who);
      await new Promise<void>((resolve) => {
        const wakeOthers = story.wake;
        story.wake = () => {
          wakeOthers();
          resolve();
        };
      });
    }
  }

  #show(who: Actor, report: Report): void {
    if (this.#json) return void process.stdout.write(`${JSON.stringify({ who, ...report })}\n`);
    if (report.type === 'status' || report.type === 'inspector') return;
    const [text] = render(report)?.split('\n') ?? [];
    if (text === undefined) return;
    const elapsed = milliseconds(clock.now() - this.#startedAt).padStart(9);
    const body = report.type === 'state' ? text.trimStart().replace(/^\S+ \S+\s+/, '') : text;
    this.#say(`${elapsed}  ${who.padEnd(6)}  ${report.type === 'message' ? `hears ${body}` : body}\n`);
  }

  #summary(): string {
    const registering = this.#duration('alice', 'client', 'registered');
    const introduced = this.#duration('alice', 'link', 'punching');
    const connected = this.#duration('alice', 'link', 'connected');
    const bobConnected = this.#duration('bob', 'link', 'connected');
    return (
      `alice and bob are connected directly, and each has heard the other.\n` +
      `alice: registering ${milliseconds(registering)}, introduction ${milliseconds(introduced)}, ` +
      `punching ${milliseconds(connected - introduced)}: request to connected in ${milliseconds(connected)}.\n` +
      `bob: introduction to connected in ${milliseconds(bobConnected)}.`
    );
  }

  #duration(who: ClientName, of: 'client' | 'link', state: string): number {
    const report = this.#stories[who].told.find(
      (told) => told.type === 'state' && told.of === of && told.state === state,
    );
    return report?.type === 'state' ? report.elapsedMs : 0;
  }

  async #fail(caller: Running): Promise<number> {
    const code = (await caller.ended) ?? exitCodes.failed;
    this.#say('\nalice and bob did not connect. Some pairs of NATs cannot: see "Limits" in the README.\n');
    return code;
  }

  #say(text: string): void {
    if (!this.#json) process.stdout.write(text);
  }
}

class StoryEnded extends Error {
  readonly who: Actor;

  constructor(who: Actor) {
    super(`${who} has ended before its part was over`);
    this.who = who;
  }
}

function newStory(): Story {
  return { told: [], wake: () => {}, isOver: false };
}

function isListening(report: Report): report is Extract<Report, { type: 'listening' }> {
  return report.type === 'listening';
}

function isRegistered(report: Report): report is Extract<Report, { of: 'client' }> {
  return report.type === 'state' && report.of === 'client' && report.state === 'registered';
}

function isConnected(report: Report): report is Extract<Report, { of: 'link' }> {
  return report.type === 'state' && report.of === 'link' && report.state === 'connected';
}

function isMessage(report: Report): report is Extract<Report, { type: 'message' }> {
  return report.type === 'message';
}

function isFailure(report: Report): boolean {
  return report.type === 'state' && (report.state === 'failed' || report.state === 'lost');
}
