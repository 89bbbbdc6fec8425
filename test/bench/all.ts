/**
 * Measures what the project promises, and prints it beside the promise. Arguments: the names of benchmarks, all unless
 * some are named; `--json` for programs. Ends with 1 where a target is missed.
 */
import { parseArgs } from 'node:util';
import type { Benchmark, Figure } from './figures.ts';
import { showProgress, showTable } from './table.ts';

const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  connect: async () => (await import('./loopback-connect.ts')).loopbackConnect,
  inspection: async () => (await import('./inspection.ts')).inspection,
  lab: async () => (await import('./lab-connect.ts')).labConnect,
  loss: async () => (await import('./loss.ts')).loss,
  requests: async () => (await import('./request-cost.ts')).requestCost,
  'requests-udp': async () => (await import('./request-udp.ts')).requestOverUdp,
  rate: async () => (await import('./rate.ts')).rate,
  flood: async () => (await import('./flood.ts')).flood,
  crowd: async () => (await import('./crowd-cost.ts')).crowdCost,
  sealed: async () => (await import('./sealed-cost.ts')).sealedCost,
  start: async () => (await import('./start.ts')).start,
  simulation: async () => (await import('./simulation.ts')).simulation,
  exploration: async () => (await import('./exploration.ts')).exploration,
};

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(
    `No benchmark is called ${unknown.join(', ')}. Choose: ${Object.keys(benchmarks).join(', ')}.`,
  );
  process.exitCode = 2;
} else {
  await measure(positionals.length > 0 ? positionals : Object.keys(benchmarks), values.json === true);
}

async function measure(names: readonly string[], isJson: boolean): Promise<void> {
  const figures: Figure[] = [];
  const leftOut: Record<string, string> = {};
  for (const name of names) {
    const benchmark = await benchmarks[name]?.();
    const reason = benchmark?.unavailable?.();
    if (reason !== undefined) leftOut[name] = reason;
    else if (benchmark !== undefined) {
      figures.push(...(await benchmark.run((what, done) => showProgress(name, what, done))));
    }
    showProgress(name, '', 1);
  }
  if (isJson) console.log(JSON.stringify({ figures, leftOut }, null, 2));
  else showTable(figures, leftOut);
  process.exitCode = figures.some(({ met }) => met === false) ? 1 : 0;
}
