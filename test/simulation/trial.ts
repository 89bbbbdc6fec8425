/** `node --import tsx test/simulation/trial.ts <seed>`: draws one trial, and what is wrong with it. */

import { simulate } from '../../runtime/simulation/run.ts';
import { drawSequence } from '../../runtime/simulation/sequence.ts';
import { faultsOf } from './faults.ts';
import { trialOf } from './trials.ts';

const trial = trialOf(Number(process.argv[2]));
const run = simulate(trial);
const [caller, called] = trial.names;
console.log(`alice behind ${caller} calls bob behind ${called}, calm from ${trial.calmAtMs.toFixed(0)} ms\n`);
for (const line of drawSequence(run.happenings, { lifelines: run.lifelines })) console.log(line);
console.log(`\n${faultsOf(trial, run).join('\n') || 'Nothing is wrong.'}`);
