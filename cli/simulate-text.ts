import type { Ending, Run } from '../runtime/simulation/run.ts';
import type { Statistics } from '../runtime/simulation/statistics.ts';
import { outcomeOf, outcomeTexts } from './exit.ts';
import { milliseconds } from './render.ts';
import type { SimulatePlan } from './simulate-options.ts';

/** What is simulated, in a sentence. */
export function titleOf({ pair, path, rttMs, seed }: SimulatePlan): string {
  const percent = (share: number, what: string) =>
    share === 0 ? [] : [`${Number((share * 100).toFixed(4))} % ${what}`];
  const conditions = [
    `round trip to the server ${rttMs} ms`,
    ...(path.jitterMs === 0 ? [] : [`jitter ${path.jitterMs} ms`]),
    ...percent(path.loss, 'lost'),
    ...percent(path.duplication, 'doubled'),
    ...percent(path.reordering, 'held back'),
    `seed ${seed}`,
  ];
  return `${placesOf(pair)}: ${conditions.join(', ')}`;
}

/** What makes one of the runs again. */
export function commandOf({ pair, path, rttMs, protocol }: SimulatePlan, seed: number): string {
  const [a = '', b = ''] = pair?.names ?? [];
  const option = (name: string, value: number, usual = 0) => (value === usual ? [] : [`--${name} ${value}`]);
  const percent = (share: number) => Number((share * 100).toFixed(6));
  return [
    `punch simulate --a ${a} --b ${b}`,
    ...option('rtt', rttMs, 40),
    ...option('jitter', path.jitterMs),
    ...option('loss', percent(path.loss)),
    ...option('duplicate', percent(path.duplication)),
    ...option('reorder', percent(path.reordering)),
    `--seed ${seed}`,
    ...(protocol === 1 ? ['--protocol 1'] : []),
  ].join(' ');
}

/** How one run came out. */
export function outcomeLines(run: Run, { protocol }: SimulatePlan, expected: boolean): readonly string[] {
  const { alice, bob, traffic } = run;
  const theory = `Protocol ${protocol} ${expected ? 'can' : 'cannot'} connect these two.`;
  const counts = `${traffic.sent} datagrams sent, ${traffic.lost} lost, ${traffic.dropped} dropped on the way.`;
  if (run.isConnected) {
    const times = `alice after ${milliseconds(alice.connectedMs ?? 0)}, bob after ${milliseconds(bob.connectedMs ?? 0)}`;
    return [`Connected: ${times}. ${counts}`, ...(expected ? [] : [`Against theory: ${theory}`])];
  }
  return [
    `Not connected. ${counts}`,
    `alice: ${endingText(alice.ending)}`,
    `bob: ${endingText(bob.ending)}`,
    expected ? `Against theory: ${theory}` : `As theory has it: ${theory}`,
  ];
}

/** How many runs came out. */
export function statisticsLines({ seed }: SimulatePlan, statistics: Statistics): readonly string[] {
  const { runs, connected, expected, agreeing, connectedMs, endings, firstSeedAgainst } = statistics;
  const theory = expected ? 'all of them can' : 'none of them can';
  const lines = [
    `${runs} runs, seeds ${seed} to ${seed + runs - 1}: ${connected} connected (${percentOf(connected, runs)}); in theory ${theory}.`,
  ];
  if (connectedMs !== undefined) {
    const { p50, p90, p99, max } = connectedMs;
    lines.push(
      'From the call until both are connected: ' +
        `p50 ${milliseconds(p50)}, p90 ${milliseconds(p90)}, p99 ${milliseconds(p99)}, slowest ${milliseconds(max)}.`,
    );
  }
  for (const [ending, count] of Object.entries(endings)) lines.push(`${count} ended so: ${ending}.`);
  if (agreeing < runs)
    lines.push(`Against theory: ${runs - agreeing}, the first with --seed ${firstSeedAgainst}.`);
  return lines;
}

function placesOf(pair: SimulatePlan['pair']): string {
  if (pair === undefined) return 'every pair of kinds';
  const [a, b] = pair.names;
  return pair.bob === 'same' ? `alice and bob behind ${a}` : `alice behind ${a} calls bob behind ${b}`;
}

function endingText(ending: Ending): string {
  if (ending === 'connected') return 'connected';
  if (ending === 'uncalled') return 'uncalled: waited, and was not introduced';
  return `${ending}: ${outcomeTexts[outcomeOf(ending)]}`;
}

export function percentOf(count: number, total: number): string {
  return `${Number(((100 * count) / Math.max(1, total)).toFixed(1))} %`;
}
