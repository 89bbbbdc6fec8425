import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PunchError } from '../../runtime/errors.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../runtime/sealed/frames.ts';
import { LINE_WINDOW, LINES_WAITING_MAX, Lines } from '../../runtime/sealed/lines.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { punchError, settled } from '../runtime/scene.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** How a network treats what is sent over it; chances are from 0 to below 1. */
type Weather = {
  readonly loss: number;
  readonly doubling: number;
  readonly delayMs: number;
  readonly jitterMs: number;
};

const fair: Weather = { loss: 0, doubling: 0, delayMs: 10, jitterMs: 0 };

const rough = fc.record<Weather>({
  loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
  doubling: fc.double({ min: 0, max: 0.5, noNaN: true }),
  delayMs: fc.integer({ min: 0, max: 400 }),
  jitterMs: fc.integer({ min: 0, max: 800 }),
});

/** Two ends of a network, and all that happened. */
function connect(weather: Weather, seed = 1) {
  const clock = createVirtualClock();
  const random = seededRandom(seed);
  const state = { weather, sent: 0, room: Number.POSITIVE_INFINITY };
  const distrusted: string[] = [];
  const received: [string[], string[]] = [[], []];
  const ends: [Lines, Lines] = [end(0), end(1)];

  function end(own: 0 | 1): Lines {
    return new Lines({
      clock,
      transmit: (frame) => carry(frame, own === 0 ? 1 : 0),
      deliver: (text) => {
        if (received[own].length >= state.room) return false;
        received[own].push(text);
        return true;
      },
      distrust: (reason) => distrusted.push(reason),
    });
  }

  function carry(frame: Frame, to: 0 | 1): void {
    state.sent += 1;
    const bytes = encodeFrame(frame);
    const { loss, doubling, delayMs, jitterMs } = state.weather;
    for (let copies = random() < doubling ? 2 : 1; copies > 0; copies -= 1) {
      if (random() < loss) continue;
      clock.setTimeout(
        () => {
          const read = decodeFrame(bytes);
          if (typeof read === 'string' || read.type === 'datagram')
            throw new Error('a line is read otherwise');
          ends[to].receive(read);
        },
        delayMs + jitterMs * random(),
      );
    }
  }

  return { clock, state, ends, received, distrusted };
}

/** How each of some promises ended by now. */
async function outcomes(deliveries: readonly Promise<void>[]): Promise<string[]> {
  const found = deliveries.map(() => 'pending');
  deliveries.forEach((delivery, index) => {
    delivery.then(
      () => {
        found[index] = 'delivered';
      },
      (error: PunchError) => {
        found[index] = error.code;
      },
    );
  });
  await settled();
  return found;
}

describe('lines', () => {
  test('arrive once and in order, both ways, whatever the network does', async () => {
    await fc.assert(
      fc.asyncProperty(
        rough,
        fc.integer(),
        fc.array(
          fc.record({ from: fc.constantFrom<0 | 1>(0, 1), pauseMs: fc.integer({ min: 0, max: 300 }) }),
          {
            maxLength: 120,
          },
        ),
        async (weather, seed, talk) => {
          const { clock, ends, received, distrusted } = connect(weather, seed);
          const said: [string[], string[]] = [[], []];
          const deliveries = talk.map(({ from, pauseMs }, index) => {
            clock.advance(pauseMs);
            said[from].push(`line ${index}`);
            return ends[from].send(`line ${index}`);
          });
          clock.advance(600_000);
          assert.deepEqual(received, [said[1], said[0]]);
          assert.deepEqual(distrusted, []);
          assert.ok((await outcomes(deliveries)).every((outcome) => outcome === 'delivered'));
          assert.deepEqual(clock.armed(), []);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('of which one was not acknowledged when the link ends are told to be so, and none of the others', async () => {
    await fc.assert(
      fc.asyncProperty(
        rough,
        fc.integer(),
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 0, max: 4000 }),
        async (weather, seed, count, endsAtMs) => {
          const { clock, ends, received } = connect(weather, seed);
          const deliveries = Array.from({ length: count }, (_, index) => ends[0].send(`line ${index}`));
          clock.advance(endsAtMs);
          const error = new PunchError('undelivered', 'The link has ended.');
          ends[0].end(error);
          clock.advance(600_000);
          const told = await outcomes([...deliveries, ends[0].send('late')]);
          const delivered = told.filter((outcome) => outcome === 'delivered').length;
          assert.deepEqual(
            told,
            told.map((_, index) => (index < delivered ? 'delivered' : 'undelivered')),
          );
          assert.ok(delivered <= received[1].length);
          assert.deepEqual(
            received[1],
            Array.from({ length: received[1].length }, (_, index) => `line ${index}`),
          );
          assert.deepEqual(clock.armed(), []);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('cost one datagram each way when nothing is lost', () => {
    const { clock, state, ends } = connect(fair);
    for (let index = 0; index < 100; index += 1) ends[0].send(`${index}`);
    clock.advance(60_000);
    assert.equal(state.sent, 200);
  });

  test('go no further ahead than the window, and go on when the network is back', () => {
    const { clock, state, ends, received } = connect({ ...fair, loss: 1 });
    for (let index = 0; index < 100; index += 1) ends[0].send(`${index}`);
    assert.equal(state.sent, LINE_WINDOW);
    clock.advance(10_000);
    state.weather = fair;
    clock.advance(10_000);
    assert.equal(received[1].length, 100);
  });

  test('wait for a reader who has no room', async () => {
    const { clock, state, ends, received } = connect(fair);
    state.room = 2;
    const deliveries = ['one', 'two', 'three'].map((text) => ends[0].send(text));
    clock.advance(60_000);
    assert.deepEqual(await outcomes(deliveries), ['delivered', 'delivered', 'pending']);
    state.room = 3;
    clock.advance(2_000);
    assert.deepEqual(received[1], ['one', 'two', 'three']);
    assert.deepEqual(await outcomes(deliveries), ['delivered', 'delivered', 'delivered']);
  });

  test('of which too many wait are refused, and later ones are not', async () => {
    const { clock, state, ends } = connect({ ...fair, loss: 1 });
    for (let index = 0; index < LINES_WAITING_MAX; index += 1) ends[0].send(`${index}`);
    await assert.rejects(ends[0].send('too much'), punchError('undelivered'));
    state.weather = fair;
    clock.advance(60_000);
    const late = ends[0].send('late');
    clock.advance(1000);
    assert.deepEqual(await outcomes([late]), ['delivered']);
  });

  test('that a peer numbers or acknowledges ahead count for nothing', () => {
    const { ends, distrusted, received, clock } = connect(fair);
    ends[0].receive({ type: 'line', number: LINE_WINDOW, text: 'from the future' });
    ends[0].receive({ type: 'acknowledgement', next: 1 });
    ends[0].receive({ type: 'acknowledgement', next: 0xffffffff });
    clock.advance(1000);
    assert.deepEqual(distrusted, ['lineAhead', 'acknowledgedAhead', 'acknowledgedAhead']);
    assert.deepEqual(received, [[], []]);
  });
});
