import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ACTORS_MAX, Board, STEPS_MAX } from '../../runtime/inspect/board.ts';
import { BACKLOG_BYTES_MAX, Follower } from '../../runtime/inspect/follower.ts';
import { inMessages, type Line, lineOf } from '../../runtime/inspect/lines.ts';

describe('the memory of a hub', () => {
  it('forgets the actors that were idle longest when there are too many, and the oldest steps', () => {
    const board = new Board();
    for (let index = 0; index < ACTORS_MAX; index += 1) board.record(registration(index));
    board.record(step(0));
    board.record(registration(ACTORS_MAX));
    assert.equal(board.size, ACTORS_MAX);
    const living = [...board.essentials()].filter(({ kind }) => kind === 'actor').slice(0, ACTORS_MAX);
    const kept = new Set(living.map(({ about }) => about));
    assert.deepEqual([kept.has(0), kept.has(1), kept.has(ACTORS_MAX)], [true, false, true]);
    for (let index = 0; index < 2 * STEPS_MAX; index += 1) board.record(step(0));
    assert.equal([...board.everything()].filter(({ kind }) => kind === 'step').length, STEPS_MAX);
  });

  it('tells where an actor is that has done nothing since its steps were forgotten', () => {
    const board = new Board(10);
    board.record(registration(1));
    board.record(registration(2));
    const [idle, busy] = [lineOf(['step', 1, 0, 0, 7, []]), step(2)];
    board.record(idle);
    for (let index = 0; index < 100; index += 1) board.record(busy);
    const told = [...board.everything()];
    assert.equal(told.filter((line) => line === idle).length, 1);
    assert.equal(told.filter((line) => line === busy).length, 10);
  });

  it('tells of actors that have ended as long as their steps are among the newest', () => {
    const board = new Board(10);
    board.record(registration(1));
    board.record(lineOf(['step', 1, 0, 0, 0, [], { ended: 'done' }]));
    assert.equal(board.size, 0);
    const isTold = () => [...board.everything()].some(({ kind, about }) => kind === 'actor' && about === 1);
    assert.ok(isTold());
    board.record(registration(2));
    for (let index = 0; index < 100; index += 1) board.record(step(2));
    assert.ok(!isTold());
  });

  it('lets a slow viewer miss steps, and then tells it again who has ended and where the others are', () => {
    const board = new Board();
    const outlet = new SlowOutlet();
    const follower = new Follower(outlet, {
      everything: () => inMessages(board.everything()),
      essentials: () => inMessages(board.essentials()),
    });
    const tell = (line: Line) => {
      board.record(line);
      follower.follow(line.text, 1);
    };
    const long = { ...step(1), text: `${step(1).text}${' '.repeat(50_000)}` };
    const end = lineOf(['step', 2, 0, 0, 0, [], { ended: 'done' }]);
    tell(registration(2));
    tell(registration(1));
    for (let index = 0; index < 1_000; index += 1) tell(long);
    tell(end);
    assert.ok(outlet.bufferedAmount <= BACKLOG_BYTES_MAX + long.text.length);
    assert.ok(follower.missed > 900);
    const sent = outlet.texts.length;
    outlet.drain();
    const caughtUp = outlet.texts.slice(sent).join('\n').split('\n');
    assert.deepEqual(
      caughtUp.map((text) => text.trimEnd()),
      [registration(1).text, step(1).text, registration(2).text, end.text],
    );
    tell(step(1));
    assert.equal(outlet.texts.at(-1), step(1).text);
  });
});

class SlowOutlet {
  readonly texts: string[] = [];
  bufferedAmount = 0;
  readonly #waiting: (() => void)[] = [];

  send(text: string, sent: () => void): void {
    this.texts.push(text);
    this.bufferedAmount += text.length;
    this.#waiting.push(sent);
  }

  drain(): void {
    this.bufferedAmount = 0;
    for (const sent of this.#waiting.splice(0)) sent();
  }
}

function registration(actor: number): Line {
  return lineOf(['actor', actor, 0, `client-${actor}`, 0]);
}

function step(actor: number): Line {
  return lineOf(['step', actor, 0, 0, 0, []]);
}
