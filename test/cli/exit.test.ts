import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { exitCodes, type Outcome, outcomeOf, outcomeTexts } from '../../cli/exit.ts';
import type { PunchErrorCode } from '../../runtime/errors.ts';

const outcomes: Readonly<Record<PunchErrorCode, Outcome>> = {
  noTransport: 'noServer',
  noServer: 'noServer',
  unresolved: 'noServer',
  refused: 'refused',
  peerUnknown: 'peerUnknown',
  otherFamily: 'punchingFailed',
  punchingFailed: 'punchingFailed',
  linkLost: 'linkLost',
  badName: 'usage',
  badText: 'usage',
  badAddress: 'usage',
  closed: 'failed',
  notConnected: 'failed',
  addressInUse: 'failed',
  addressUnavailable: 'failed',
  permissionDenied: 'failed',
  badKeyFile: 'failed',
  serverKeyChanged: 'distrusted',
  peerKeyChanged: 'distrusted',
  nameTaken: 'refused',
  full: 'refused',
  nameInUse: 'refused',
  left: 'linkLost',
  undelivered: 'failed',
  tooLong: 'failed',
  unsupported: 'failed',
  keyChanged: 'distrusted',
  badStore: 'failed',
};

describe('an exit code', () => {
  for (const [code, outcome] of Object.entries(outcomes) as [PunchErrorCode, Outcome][]) {
    it(`of ${code} is that of ${outcome}`, () => assert.equal(outcomeOf(code), outcome));
  }

  it('means one thing only', () => {
    const codes = Object.values(exitCodes);
    assert.equal(new Set(codes).size, codes.length);
    assert.deepEqual(Object.keys(outcomeTexts), Object.keys(exitCodes));
  });

  it('is in the README', () => {
    const documented = readFileSync('README.md', 'utf8').matchAll(/^\| (\d+) \| /gm);
    assert.deepEqual(
      [...documented].map(([, code]) => Number(code)),
      Object.values(exitCodes),
    );
  });
});
