import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { CONFIRM_PERIOD_MS, PATH_DOUBT_MS } from '../../machines/timing.ts';
import { requires } from '../support/requirements.ts';
import { type CommandLine, commandUnavailable, type Report, reaches, startServer } from './command-line.ts';
import { build, connect } from './homes.ts';
import { assertTalking } from './meeting.ts';
import { labUnavailable } from './namespace.ts';

/** These tests wait for timers of the protocol, which costs nothing but time: so all of them at once. */
const atOnce = { timeout: 120_000, concurrency: true };

const options = {
  ...requires('kernel NATs and a build', labUnavailable() ?? commandUnavailable()),
  ...atOnce,
};

describe('behind NATs that let in only whom their own side has sent to, a link goes on', options, () => {
  it('when one NAT reboots and gives it another port', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
    await startServer(lab);
    const { alice, bob } = await connect(lab);
    const lines = new Lines(alice, bob);
    await lines.arrive();
    await lab.rebootNat('alice');
    lines.type();
    const back = await bob.report(isBack);
    lines.type();
    await lines.arrive();
    assertNoNewLink(alice, bob);
    const pause = pauseIn(back);
    assert.equal(pause?.hasPeerMoved, true);
    assert.ok(Number(pause?.unansweredMs) < PATH_DOUBT_MS + 10_000, `a pause of ${pause?.unansweredMs} ms`);
  });

  it('when one side comes to another network, at once', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'home-router', office: 'home-router' });
    await startServer(lab);
    const { alice, bob } = await connect(lab);
    const lines = new Lines(alice, bob);
    await lines.arrive();
    await lab.roam(lab.host('alice'), 'office');
    lines.type();
    const [back, again] = await Promise.all([bob.report(isBack), alice.report(isBack)]);
    lines.type();
    await lines.arrive();
    assertNoNewLink(alice, bob);
    assert.equal(pauseIn(back)?.hasPeerMoved, true);
    const { because, hasPeerMoved } = pauseIn(again) ?? {};
    assert.deepEqual({ because, hasPeerMoved }, { because: 'networkChanged', hasPeerMoved: false });
    assert.equal(alice.reports(reaches('client', 'registered')).length, 1, 'alice has registered anew');
  });

  it('when who was called comes to another network', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'home-router', office: 'double-nat' });
    await startServer(lab);
    const { alice, bob } = await connect(lab);
    const lines = new Lines(alice, bob);
    await lab.roam(lab.host('bob'), 'office');
    lines.type();
    await alice.report(isBack);
    lines.type();
    await lines.arrive();
    assertNoNewLink(alice, bob);
  });

  it('unless the server is gone: then it is lost, and the reason is told', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'home-router', office: 'home-router' });
    const server = await startServer(lab);
    const { alice, bob } = await connect(lab);
    await server.kill();
    await lab.roam(lab.host('alice'), 'office');
    const [punching, lost] = await Promise.all([
      alice.report((report) => reaches('link', 'punching')(report) && report.pause !== undefined),
      alice.report(reaches('link', 'lost')),
      bob.report(reaches('link', 'lost')),
    ]);
    assert.equal(pauseIn(punching)?.because, 'networkChanged');
    assert.match(
      String(lost?.reason),
      /^Nothing was heard from bob for 50 s\. This machine has come to another network, and bob could not be told/,
    );
    assert.equal(await alice.exitCode, 6);
  });

  it('without a server too, where a path remains', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'full-cone', office: 'home-router' });
    const server = await startServer(lab);
    const { alice, bob } = await connect(lab);
    await server.kill();
    // Right after they have connected, another address would only be a better one.
    await setTimeout(2 * CONFIRM_PERIOD_MS);
    await lab.roam(lab.host('alice'), 'office');
    assert.ok(await bob.report(isBack));
    await assertTalking(alice, bob);
    await alice.report(reaches('client', 'unregistered'));
    await setTimeout(PATH_DOUBT_MS);
    await assertTalking(alice, bob);
    assertNoNewLink(alice, bob);
  });
});

/** Lines that each of two types for the other, numbered. */
class Lines {
  readonly #sides: readonly [CommandLine, CommandLine];
  readonly #typed: string[] = [];

  constructor(...sides: [CommandLine, CommandLine]) {
    this.#sides = sides;
    this.type();
  }

  type(): void {
    for (let number = 0; number < 5; number += 1) {
      const line = `line ${this.#typed.length}`;
      this.#typed.push(line);
      for (const side of this.#sides) side.say(line);
    }
  }

  /** All that was typed is there, once and in order. */
  async arrive(): Promise<void> {
    const last = this.#typed.at(-1) ?? '';
    for (const side of this.#sides) assert.ok(await side.hears(last));
    for (const side of this.#sides) assert.deepEqual(side.heard, this.#typed);
  }
}

/** A link that was connected is so again, or at another address. */
function isBack(report: Report): boolean {
  return reaches('link', 'connected')(report) && report.pause !== undefined;
}

function pauseIn(report: Report | undefined) {
  return report?.pause as
    | { readonly because: string; readonly unansweredMs: number; readonly hasPeerMoved?: boolean }
    | undefined;
}

/** Each side has punched once in its life, and has one link. */
function assertNoNewLink(...sides: readonly CommandLine[]): void {
  for (const side of sides) assert.equal(side.reports(reaches('link', 'punching')).length, 1);
}
