/** `node --import tsx test/simulation/trial.ts <seed> [2]`: draws one trial, of that protocol, and what is wrong with it. */

import { simulate } from '../../runtime/simulation/run.ts';
import { drawSequence } from '../../runtime/simulation/sequence.ts';
import { faultsOf } from './faults.ts';
import { faultsWithKeysOf } from './faults-with-keys.ts';
import { trialOf } from './trials.ts';

const protocol = process.argv[3] === '2' ? 2 : 1;
const trial = trialOf(Number(process.argv[2]), protocol);
const run = simulate(trial);
const [caller, called] = trial.names;
console.log(`alice behind ${caller} calls bob behind ${called}, calm from ${trial.calmAtMs.toFixed(0)} ms\n`);
for (const line of drawSequence(run.happenings, { lifelines: run.lifelines })) console.log(line);
console.log(
  `\n${(protocol === 2 ? faultsWithKeysOf : faultsOf)(trial, run).join('\n') || 'Nothing is wrong.'}`,
);
