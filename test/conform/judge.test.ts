import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Evidence, judge } from '../../runtime/conformance/judge.ts';
import type { Line } from '../../runtime/conformance/line.ts';

const toAsker: Line = { to: 'client', says: 'HolePunchInitiate(bob, the address of the peer)' };
const toCalled: Line = { to: 'peer', says: 'HolePunchInitiate(alice, the address of the client)' };
const unknown: Line = { to: 'client', says: 'HolePunchResponseUnknown' };

const right: Evidence = {
  expected: [toAsker, toCalled],
  received: [toAsker, toCalled],
  transmissions: 1,
  original: { alternatives: [], repair: undefined },
  isOrderSeen: true,
};

describe('an answer', () => {
  it('conforms when exactly what is expected has come, in this order', () => {
    assert.equal(judge(right).type, 'conforms');
    assert.equal(judge({ ...right, expected: [], received: [] }).type, 'conforms');
  });

  it('deviates when something is missing, superfluous, or for somebody else', () => {
    for (const received of [
      [toAsker],
      [],
      [toAsker, toCalled, toCalled],
      [toAsker, toCalled, unknown],
      [toAsker, { ...toCalled, to: 'witness' as const }],
    ])
      assert.equal(judge({ ...right, received }).type, 'deviates');
  });

  it('may come as often as it was asked for, and once is enough', () => {
    const twice = { ...right, transmissions: 2 };
    assert.equal(judge({ ...twice, received: [toAsker, toAsker, toCalled] }).type, 'conforms');
    assert.equal(judge({ ...twice, received: [toAsker, toAsker, toAsker, toCalled] }).type, 'deviates');
  });

  it('in the other order lacks a repair, if the order can be known', () => {
    const swapped = { ...right, received: [toCalled, toAsker] };
    assert.deepEqual(judge(swapped), { type: 'repair', repair: 'calleeFirst' });
    assert.equal(judge({ ...swapped, isOrderSeen: false }).type, 'conforms');
    assert.equal(judge({ ...swapped, transmissions: 2 }).type, 'conforms');
  });

  it("lacks a repair when it is the original's, and deviates when it is neither's", () => {
    const original = { alternatives: [[], [unknown]], repair: 'introducesToSelf' } as const;
    assert.deepEqual(judge({ ...right, received: [unknown], original }), {
      type: 'repair',
      repair: 'introducesToSelf',
    });
    assert.equal(judge({ ...right, received: [toAsker], original }).type, 'deviates');
  });
});
