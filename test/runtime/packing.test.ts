import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalAddress, type Endpoint, endpointOf } from '../../machines/endpoint.ts';
import { isLinkLocal, isPackedIpv4, pack, packedEndpoint, unpack } from '../../runtime/packed-endpoint.ts';
import { packed } from '../../runtime/packing.ts';
import type { PackedEndpoint, Receiver, Transport } from '../../runtime/transport.ts';

const SEED = 20_261_130;

describe('a packed endpoint', () => {
  it('is the endpoint again when it is unpacked', () => {
    const group = fc.oneof(fc.constantFrom(0, 0xffff, 0xfe80, 0x8000), fc.nat(0xffff));
    const ipv6 = fc
      .array(group, { minLength: 8, maxLength: 8 })
      .map((groups) => canonicalAddress(textOf(groups)));
    const address = fc.oneof(fc.ipV4(), ipv6);
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 65_535 }), (address, port) => {
        const endpoint = endpointOf(address ?? '', port) as Endpoint;
        // Between the prefix and the host there is room for the number of a link.
        fc.pre(!isLinkLocal(packedOf(endpoint).word0) || packedOf(endpoint).word1 === 0);
        assert.deepEqual(unpack(packedOf(endpoint)), endpoint);
        assert.equal(isPackedIpv4(packedOf(endpoint)), !endpoint.address.includes(':'));
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  it('has its words in the order of the network, unsigned', () => {
    const packed = packedOf({ address: 'fedc:ba98::ffff:8000', port: 65_535 });
    assert.deepEqual(packed, { word0: 0xfedcba98, word1: 0, word2: 0, word3: 0xffff8000, port: 65_535 });
    const ipv4 = packedOf({ address: '203.0.113.7', port: 1 });
    assert.deepEqual(ipv4, { word0: 0, word1: 0, word2: 0xffff, word3: 0xcb007107, port: 1 });
  });
});

describe('a transport of strings that is packed', () => {
  it('sends where it received from, zone and all, at once and later', () => {
    const { transport, deliver, sent } = fake();
    const over = packed(transport);
    const seen: PackedEndpoint[] = [];
    over.listenPacked({ datagram: (from) => void seen.push({ ...from }) });
    const places = ['fe80::1%97', 'fe80::1%98', 'fe80::1', '192.0.2.1', '2001:db8::1'];
    for (const address of places) {
      deliver({ address, port: 7 });
      over.sendPacked(seen.at(-1) as PackedEndpoint, Uint8Array.of(1, 2, 3), 2);
    }
    for (const from of seen) over.sendPacked(from, Uint8Array.of(9), 1);
    assert.deepEqual(
      sent.map(({ to }) => to.address),
      [...places, ...places],
    );
    assert.deepEqual(sent[0]?.bytes, Uint8Array.of(1, 2));
    assert.equal(new Set(seen.map((from) => JSON.stringify(from))).size, places.length);
  });

  it('copies what it sends', () => {
    const { transport, sent } = fake();
    const bytes = Uint8Array.of(1, 2, 3);
    packed(transport).sendPacked(packedOf({ address: '192.0.2.1', port: 7 }), bytes, 3);
    bytes.fill(0);
    assert.deepEqual(sent[0]?.bytes, Uint8Array.of(1, 2, 3));
  });
});

function fake() {
  let receiver: Receiver | undefined;
  const sent: { to: Endpoint; bytes: Uint8Array }[] = [];
  const transport: Transport = {
    local: { address: '::', port: 1 },
    send: (to, bytes) => void sent.push({ to, bytes }),
    listen: (other) => {
      receiver = other;
    },
    close: async () => {},
  };
  return { transport, sent, deliver: (from: Endpoint) => receiver?.datagram(from, Uint8Array.of(5)) };
}

function packedOf(endpoint: Endpoint): PackedEndpoint {
  const packed = packedEndpoint();
  pack(endpoint, packed);
  return packed;
}

function textOf(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}
