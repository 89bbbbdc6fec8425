import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nat } from '../../runtime/simulation/behaviour.ts';
import { parseAccess } from '../../runtime/simulation/description.ts';
import { simulatedKinds } from '../../runtime/simulation/kinds.ts';

const plain = nat('endpoint-independent', 'address-and-port-dependent');

describe('a description of an access', () => {
  for (const [kind, access] of Object.entries(simulatedKinds)) {
    test(`may be the kind ${kind}`, () => assert.deepEqual(parseAccess(kind), access));
  }

  test('may change the outermost box of a kind', () => {
    const changed = parseAccess('double-nat,lifetime=20,hairpinning=yes');
    const [inner, outer] = simulatedKinds['double-nat'].nats;
    assert.ok(inner !== undefined && outer !== undefined);
    const nats = [inner, { ...outer, lifetimeMs: 20_000, hairpinning: true }];
    assert.deepEqual(changed, { nats, udpBlocked: false });
  });

  test('may change a plain NAT, in short words or those of RFC 4787', () => {
    const box = { ...plain, mapping: 'address-dependent', filtering: 'endpoint-independent', pool: 4 };
    const access = { nats: [box], udpBlocked: false };
    assert.deepEqual(parseAccess('mapping=address,filtering=endpoint,pool=4'), access);
    assert.deepEqual(parseAccess('mapping=address-dependent,filtering=endpoint-independent,pool=4'), access);
  });

  test('may be several, from the host outwards', () => {
    assert.deepEqual(parseAccess('linux-masquerade+symmetric'), {
      nats: [...simulatedKinds['linux-masquerade'].nats, ...simulatedKinds.symmetric.nats],
      udpBlocked: false,
    });
  });

  const faults: [text: string, says: RegExp][] = [
    ['', /no NAT ""/],
    ['toString', /no NAT "toString"/],
    ['home-router,lifetime', /"lifetime" describes no NAT/],
    ['home-router,lifetime=0', /"lifetime=0" describes no NAT/],
    ['home-router,__proto__=1', /"__proto__=1" describes no NAT/],
    ['pool=201', /"pool=201" describes no NAT/],
    ['none,pool=2', /"none" has no box/],
    ['ipv6-firewall+home-router', /mixes versions of IP/],
  ];
  for (const [text, says] of faults) {
    test(`cannot be ${JSON.stringify(text)}`, () => {
      const fault = parseAccess(text);
      assert.ok(typeof fault === 'string');
      assert.match(fault, says);
    });
  }
});
