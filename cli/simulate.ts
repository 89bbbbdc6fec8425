import { pause } from '../runtime/ambient.ts';
import { PunchError } from '../runtime/errors.ts';
import type { Access } from '../runtime/simulation/behaviour.ts';
import { simulatedKinds } from '../runtime/simulation/kinds.ts';
import { type Run, type Scenario, simulate } from '../runtime/simulation/run.ts';
import { drawSequence } from '../runtime/simulation/sequence.ts';
import { isExpected, type Statistics, Tally } from '../runtime/simulation/statistics.ts';
import { createVirtualClock } from '../runtime/simulation/virtual-clock.ts';
import { exitCodes, outcomeOf } from './exit.ts';
import { showUntilInterrupted } from './inspection.ts';
import { Progress } from './progress.ts';
import { recordRun } from './recording.ts';
import { escapeText } from './render.ts';
import { type Cell, matrixLines } from './simulate-matrix.ts';
import { readOptions, type SimulateOptions, type SimulatePlan } from './simulate-options.ts';
import { commandOf, outcomeLines, statisticsLines, titleOf } from './simulate-text.ts';
import { openTerminal, clock as realClock, type Terminal } from './terminal.ts';

/**
 * `punch simulate`: a server and two clients on a simulated network, in virtual time. Resolves to the exit code: of one
 * run, how alice's call ended; of many, `failed` unless all came out as theory has it.
 */
export async function runSimulate(options: SimulateOptions): Promise<number> {
  const plan = readOptions(options);
  if (typeof plan === 'string') {
    process.stderr.write(`${plan}\n`);
    return exitCodes.usage;
  }
  const isJson = options.json === true;
  const terminal = openTerminal({ json: isJson });
  const { pair } = plan;
  if (pair === undefined) return runMatrix(plan, isJson, terminal.interrupted);
  const recorder = options.record === undefined ? undefined : { file: options.record, terminal };
  const { code, scenario } =
    plan.runs === undefined
      ? await runOnce(plan, pair, isJson, recorder)
      : await runMany(plan, pair, plan.runs, isJson, terminal.interrupted, recorder);
  if (options.inspect === true || options.inspectTo !== undefined) {
    const obstacle = await show(plan, scenario, options, terminal);
    if (obstacle !== undefined) {
      process.stderr.write(`${obstacle.message}\n`);
      return exitCodes.failed;
    }
  }
  return code;
}

/** How it came out, and the one run to look at. */
type Played = { readonly code: number; readonly scenario: Scenario };

/**
 * Runs once more, which comes out the same, for the page; and serves that, unless another process does. Resolves to why
 * it cannot.
 */
async function show(
  plan: SimulatePlan,
  scenario: Scenario,
  { inspectTo }: SimulateOptions,
  terminal: Terminal,
): Promise<PunchError | undefined> {
  const { openExhibition } = await import('../runtime/inspect/inspection.ts');
  const { showSimulation } = await import('../runtime/inspect/simulated.ts');
  const exhibition = await openExhibition({
    label: commandOf(plan, scenario.seed),
    times: 'virtual',
    ...(typeof inspectTo === 'number' ? { port: inspectTo } : {}),
  }).catch((error: unknown) => {
    if (error instanceof PunchError) return error;
    throw error;
  });
  if (exhibition instanceof PunchError) return exhibition;
  exhibition.publish(showSimulation(scenario));
  terminal.report({ type: 'inspector', url: exhibition.url });
  if (exhibition.isServingPage) await showUntilInterrupted(terminal);
  await exhibition.close();
  return undefined;
}

type Recorder = { readonly file: string; readonly terminal: Terminal };

type Pair = NonNullable<SimulatePlan['pair']>;

async function runOnce(
  plan: SimulatePlan,
  { alice, bob }: Pair,
  isJson: boolean,
  recorder: Recorder | undefined,
): Promise<Played> {
  const { path, seed, protocol } = plan;
  const scenario: Scenario = { alice, bob, path, seed, protocol };
  const run = simulate(scenario);
  if (isJson) {
    for (const happening of run.happenings) print(JSON.stringify(happening));
    print(JSON.stringify({ type: 'end', ...resultOf(run), expected: isExpected(scenario) }));
  } else {
    const { happenings, lifelines } = run;
    const lines = drawSequence(happenings, { lifelines, width: widthOf(process.stdout.columns) });
    for (const line of [titleOf(plan), '', ...lines, '', ...outcomeLines(run, plan, isExpected(scenario))])
      print(escapeText(line));
  }
  if (recorder !== undefined) await record(plan, scenario, 'this run', recorder);
  return { code: codeOf(run), scenario };
}

async function runMany(
  plan: SimulatePlan,
  { alice, bob }: Pair,
  count: number,
  isJson: boolean,
  interrupted: AbortSignal,
  recorder: Recorder | undefined,
): Promise<Played> {
  const tell = isJson ? (run: Run) => print(JSON.stringify({ type: 'run', ...resultOf(run) })) : () => {};
  const progress = new Progress(realClock, count);
  const { path, protocol } = plan;
  const scenario = { alice, bob, path, protocol, isRecorded: false };
  const { statistics } = await repeat(scenario, plan.seed, count, interrupted, (run, done) => {
    tell(run);
    progress.show(done);
  });
  progress.clear();
  if (isJson) print(JSON.stringify({ type: 'summary', ...statistics }));
  else for (const line of [titleOf(plan), ...statisticsLines(plan, statistics)]) print(escapeText(line));
  const [seed, which] = memorable(plan, statistics);
  const toShow: Scenario = { alice, bob, path, protocol, seed };
  if (recorder !== undefined) {
    await record(plan, toShow, `seed ${seed}, ${which}`, recorder);
  }
  const code = statistics.agreeing === statistics.runs ? exitCodes.done : exitCodes.failed;
  return { code: statistics.runs < count ? stopped(statistics.runs, count) : code, scenario: toShow };
}

async function runMatrix(plan: SimulatePlan, isJson: boolean, interrupted: AbortSignal): Promise<number> {
  const kinds = Object.entries<Access>(simulatedKinds);
  const pairs = kinds.flatMap((caller) => kinds.map((called) => ({ caller, called })));
  const { runs = 1, path, seed, protocol } = plan;
  const progress = new Progress(realClock, pairs.length);
  const cells: Cell[] = [];
  for (const { caller, called } of pairs) {
    const [[a, alice], [b, bob]] = [caller, called];
    const { statistics, isComplete } = await repeat(
      { alice, bob, path, protocol, isRecorded: false },
      seed,
      runs,
      interrupted,
      () => progress.show(cells.length),
    );
    if (!isComplete) break;
    cells.push({ a, b, statistics });
    if (isJson) print(JSON.stringify({ type: 'pair', a, b, ...statistics }));
  }
  progress.clear();
  const agreeing = cells.filter(({ statistics }) => statistics.agreeing === statistics.runs).length;
  if (isJson) print(JSON.stringify({ type: 'summary', pairs: cells.length, agreeing }));
  else
    for (const line of [titleOf(plan), ...matrixLines(cells, widthOf(process.stdout.columns))]) print(line);
  if (cells.length < pairs.length) return stopped(cells.length, pairs.length);
  return agreeing === cells.length ? exitCodes.done : exitCodes.failed;
}

/** The run to look at: the first that went against theory, or the slowest to connect, or the first where none does. */
function memorable(
  { seed }: SimulatePlan,
  { firstSeedAgainst, slowestSeed }: Statistics,
): readonly [seed: number, which: string] {
  if (firstSeedAgainst !== undefined) return [firstSeedAgainst, 'the first run against theory'];
  if (slowestSeed !== undefined) return [slowestSeed, 'the slowest run'];
  return [seed, 'the first run, since none connects'];
}

/** Runs once more, which comes out the same, with the recorder looking on. */
function record(
  plan: SimulatePlan,
  scenario: Scenario,
  said: string,
  { file, terminal }: Recorder,
): Promise<void> {
  const { seed } = scenario;
  const clock = createVirtualClock();
  const origin = { label: 'simulate', seed, command: commandOf(plan, seed) };
  return recordRun({ file, clock, said, ...origin }, terminal, (inspect) => {
    simulate({ ...scenario, clock, inspect, isRecorded: false });
  });
}

/** Runs one scenario with one seed after the other, until it is interrupted. */
async function repeat(
  scenario: Omit<Scenario, 'seed'>,
  firstSeed: number,
  count: number,
  interrupted: AbortSignal,
  ran: (run: Run, done: number) => void,
): Promise<{ readonly statistics: Statistics; readonly isComplete: boolean }> {
  const tally = new Tally(scenario);
  let pausedAt = realClock.now();
  let done = 0;
  while (done < count && !interrupted.aborted) {
    const run = simulate({ ...scenario, seed: firstSeed + done });
    tally.add(run);
    done += 1;
    ran(run, done);
    const isPauseDue = realClock.now() - pausedAt > PAUSE_EVERY_MS;
    await (isPauseDue ? pause(realClock, 0) : undefined);
    if (isPauseDue) pausedAt = realClock.now();
  }
  return { statistics: tally.statistics(), isComplete: done === count };
}

/** So that Ctrl-C is heard. */
const PAUSE_EVERY_MS = 50;

function resultOf({ seed, alice, bob, isConnected, connectedMs, elapsedMs, traffic }: Run): object {
  return { seed, isConnected, connectedMs, alice, bob, elapsedMs, traffic };
}

function codeOf({ alice, bob, isConnected }: Run): number {
  if (isConnected) return exitCodes.done;
  const { ending } = alice.ending === 'connected' ? bob : alice;
  return ending === 'connected' || ending === 'uncalled'
    ? exitCodes.punchingFailed
    : exitCodes[outcomeOf(ending)];
}

function stopped(done: number, total: number): number {
  process.stderr.write(`Interrupted after ${done} of ${total}.\n`);
  return exitCodes.interrupted;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function widthOf(columns: number | undefined): number {
  return Math.max(80, Math.min(120, columns ?? 100));
}
