import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { pause, realAmbient } from '../../runtime/ambient.ts';
import { requires } from '../support/requirements.ts';
import { mainFile, Program, punch } from './program.ts';
import { onTerminal, terminalUnavailable } from './pseudo-terminal.ts';
import { newUser } from './user.ts';

const noProc =
  process.platform === 'linux' ? undefined : 'processes are found through /proc, which Linux has';

/** What a person reads of one life, in order. */
const lifeOfBob = [
  'registering',
  'knocking',
  'awaiting ack',
  'registered',
  'punching',
  'connected',
  'hears alice: Hello bob',
];
const lifeOfAlice = [
  ...lifeOfBob.slice(0, 4),
  'requesting',
  'punching',
  'connected',
  'hears bob: Hello alice',
];

describe('punch demo', { concurrency: 3 }, () => {
  it('shows two clients find each other and talk, and sums it up', async () => {
    const demo = punch('demo');
    await demo.endsWith(0);
    assert.equal(demo.errors, '');
    assert.match(demo.output, /^A server and two clients, as three processes on this machine\.\n/);
    assertInOrder(linesOf(demo, 'alice'), lifeOfAlice);
    assertInOrder(linesOf(demo, 'bob'), lifeOfBob);
    const [summary] = demo.output.split('\n\n').slice(-1);
    const duration = '[0-9.]+ m?s';
    assert.match(summary ?? '', /^alice and bob are connected directly, and each has heard the other\.$/m);
    assert.match(
      summary ?? '',
      new RegExp(
        `registering ${duration}, introduction ${duration}, punching ${duration}: .* ${duration}\\.$`,
        'm',
      ),
    );
  });

  it('prints JSON lines with --json, each with who says it', async () => {
    const demo = punch('demo', '--json');
    await demo.endsWith(0);
    assert.equal(demo.errors, '');
    const lines = demo.output.trimEnd().split('\n');
    assert.equal(demo.reports.length, lines.length);
    const told = lines.map((line) => JSON.parse(line) as { who: string; type: string; state?: string });
    assert.deepEqual(new Set(told.map(({ who }) => who)), new Set(['server', 'alice', 'bob']));
    const statesOf = (name: string) =>
      told.filter(({ who }) => who === name).flatMap(({ state }) => state ?? []);
    const registering = ['registering', 'knocking', 'awaitingAck', 'registered'];
    assert.deepEqual(statesOf('alice').slice(0, 7), [...registering, 'requesting', 'punching', 'connected']);
    assert.deepEqual(statesOf('bob').slice(0, 6), [...registering, 'punching', 'connected']);
    for (const who of ['alice', 'bob']) {
      assert.equal(told.filter((report) => report.who === who && report.type === 'message').length, 1);
      assert.ok(told.some((report) => report.who === who && report.type === 'end'));
    }
  });

  it('leaves no file behind, the keys of its clients neither, also when it is interrupted', async () => {
    const user = newUser();
    const environment = { ...user.environment, TMPDIR: user.folder };
    const whole = new Program([process.execPath, mainFile, 'demo'], { environment });
    await whole.endsWith(0);
    assert.deepEqual(readdirSync(user.folder), []);
    const interrupted = new Program([process.execPath, mainFile, 'demo'], { environment });
    await interrupted.shows(/bob +registered/);
    interrupted.signal('SIGINT');
    await interrupted.endsWith(130);
    assert.deepEqual(readdirSync(user.folder), []);
  });

  const moments: readonly (readonly [string, (demo: Program, mark: string) => Promise<void>])[] = [
    ['while the server starts', (_demo, mark) => pollUntil(() => processesWith(mark).length === 2)],
    ['as soon as the server listens', (demo) => demo.shows(/server +listening/)],
    ['while a client registers', (demo) => demo.shows(/bob +registering/)],
    ['when both are connected', (demo) => demo.shows(/alice +connected/)],
  ];
  for (const [when, moment] of moments) {
    it(`leaves no process behind when it is interrupted ${when}`, requires('/proc', noProc), async () => {
      const mark = `PUNCH_TEST_MARK=${randomUUID()}`;
      const [name = '', value = ''] = mark.split('=');
      const demo = new Program([process.execPath, mainFile, 'demo'], { environment: { [name]: value } });
      await moment(demo, mark);
      demo.signal('SIGINT');
      await demo.endsWith(130);
      await pollUntil(() => processesWith(mark).length === 0);
    });
  }

  it('ends on Ctrl-C at a terminal', requires('a pseudo-terminal', terminalUnavailable()), async () => {
    const demo = onTerminal('demo');
    await demo.shows(/alice +connected/);
    demo.types('\u0003');
    await demo.endsWith(130);
  });
});

function linesOf(demo: Program, who: string): string[] {
  return demo.output.split('\n').flatMap((line) => {
    const [, text] = new RegExp(`^ +[0-9.]+ m?s {2}${who} +(.*)$`).exec(line) ?? [];
    return text ?? [];
  });
}

function assertInOrder(lines: readonly string[], beginnings: readonly string[]): void {
  const found = beginnings.map((beginning) => lines.findIndex((line) => line.startsWith(beginning)));
  assert.ok(!found.includes(-1), `${beginnings[found.indexOf(-1)]} is not among\n${lines.join('\n')}`);
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
    lines.join('\n'),
  );
}

/** Every process that lives with this in its environment, which children inherit. */
function processesWith(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^[0-9]+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  });
}

/** For what nothing tells of: that a process is there, or gone. */
async function pollUntil(isSo: () => boolean): Promise<void> {
  const { clock } = realAmbient;
  const deadline = clock.now() + 10_000;
  while (!isSo()) {
    assert.ok(clock.now() < deadline, 'not so after 10 s');
    await pause(clock, 10);
  }
}
