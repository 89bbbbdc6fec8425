import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { closuresOf } from '../../runtime/exploration/closed.ts';
import { parseSealedBounds } from '../../runtime/exploration/sealed-world/bounds.ts';
import { checkSealed } from '../../runtime/exploration/sealed-world/check.ts';
import { realRules } from '../../runtime/exploration/sealed-world/rules.ts';
import { sealedScenarios } from '../../runtime/exploration/sealed-world/scenarios.ts';
import { check } from '../../runtime/exploration/world/check.ts';
import type { Run } from '../../runtime/exploration/world/run.ts';
import { briefly, scenarios } from '../../runtime/exploration/world/scenarios.ts';
import { drawSequence } from '../../runtime/simulation/sequence.ts';
import { writeRecording } from '../../runtime/trace/recording.ts';
import { endingOf, replayed, stepsIn } from '../trace/run.ts';

const meddled = named('a client registers, and is meddled with once');

/** What a session that began earlier can do, where it is let. */
const displacing = checkSealed(meddled, { rules: { ...realRules, sessionsKeepOrder: false } });

describe('a run that breaks a promise', () => {
  const folder = mkdtempSync(join(tmpdir(), 'punch-check-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is a trace of every chart that took part, which a replay finds the same', async () => {
    const file = join(folder, 'run.jsonl');
    await writeRecording(firstRun().trace, { file, label: 'check', times: 'moves' });
    const items = await replayed(readFileSync(file));
    assert.equal(endingOf(items), 'end');
    assert(stepsIn(items).some(({ actor }) => actor === 'server/session:2'));
    assert.deepEqual(
      stepsIn(items).filter(({ difference }) => difference !== undefined),
      [],
    );
  });

  it('is drawn as all runs are, with what is sealed in a datagram, and what is forged', () => {
    const { happenings, lifelines } = firstRun();
    const lines = drawSequence(happenings, { lifelines, times: 'moves' });
    assert(lines.every((line) => line.length <= 100));
    assert.match(lines.join('\n'), /◀.*Stale\(session 1\), as if from server/);
    assert.match(lines.join('\n'), /├─+▶│.*Sealed 2: Keepalive/);
    assert.match(lines.at(-3) ?? '', /session of 1: registered/);
    assert.match(lines.at(-2) ?? '', /session of 2: replaced/);
  });
});

describe('a witness against protocol 1', () => {
  const forged = scenarios.find(({ name }) => name === 'a stranger forges');
  assert(forged !== undefined);
  const witnesses = check(forged, { bounds: { ...briefly, forgeries: 1, copies: 0 } });

  it('is closed where protocol 2 was walked with an attacker, and everything held', () => {
    const kept = checkSealed(meddled, { bounds: { flight: 1 } });
    const closures = closuresOf([witnesses], [kept]);
    assert(closures.length > 0);
    for (const { isClosed, scenarios: where, states } of closures) {
      assert(isClosed);
      assert.deepEqual(where, [meddled.name]);
      assert.equal(states, kept.states);
    }
  });

  it('is not closed by what was walked without an attacker, or was found broken', () => {
    const alone = checkSealed(named('a client registers'), { bounds: { flight: 1 } });
    for (const sealed of [[], [alone], [displacing]]) {
      assert(closuresOf([witnesses], sealed).every(({ isClosed }) => !isClosed));
    }
  });
});

describe('the bounds of protocol 2', () => {
  it('are read from a text, or refused with a sentence', () => {
    assert.deepEqual(parseSealedBounds('flight=3,evil=1'), { flight: 3, evil: 1 });
    assert.match(String(parseSealedBounds('ports=3')), /no bound "ports"/);
    assert.match(String(parseSealedBounds('sessions=1')), /from 2 to 4/);
  });
});

function named(name: string) {
  const scenario = sealedScenarios.find((one) => one.name === name);
  assert(scenario !== undefined);
  return scenario;
}

function firstRun(): Run {
  const run = displacing.verdicts.find((verdict) => verdict.run !== undefined)?.run;
  assert(run !== undefined);
  return run;
}
