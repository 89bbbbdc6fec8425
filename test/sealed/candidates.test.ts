import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import { acceptable, isPrivate } from '../../runtime/sealed/candidates.ts';
import { endpoint } from '../support/memory-network.ts';

const remote = endpoint('203.0.113.20:6000');
const server = endpoint('192.0.2.1:39738');
const neighbour = endpoint('203.0.113.20:5000');
const stranger = endpoint('198.51.100.10:5000');

function accepted(texts: readonly string[], observed = neighbour, from = remote): string[] {
  return acceptable(texts.map(endpoint), { remote: from, server, observed }).map(formatEndpoint);
}

describe('of the addresses that a peer names', () => {
  test('private ones are good for a neighbour', () => {
    const texts = ['10.0.0.1:6000', '172.16.0.1:6000', '172.31.255.255:6000', '192.168.0.1:6000'];
    assert.deepEqual(accepted(texts), texts);
    assert.deepEqual(accepted(texts, stranger), []);
    assert.deepEqual(acceptable(texts.map(endpoint), { remote, server, observed: undefined }), []);
  });

  test('others are not', () => {
    const texts = [
      '127.0.0.1:6000',
      '169.254.1.1:6000',
      '100.64.0.1:6000',
      '172.15.0.1:6000',
      '172.32.0.1:6000',
      '192.169.0.1:6000',
      '8.8.8.8:6000',
      '224.0.0.1:6000',
      '192.0.2.1:6000',
      '10.0.0.1:53',
      '203.0.113.20:1023',
      '[fd00::1]:6000',
    ];
    assert.deepEqual(accepted(texts), []);
  });

  test('further ports at its own address are good for everybody', () => {
    assert.deepEqual(accepted(['203.0.113.20:6001', '203.0.113.20:6000'], stranger), ['203.0.113.20:6001']);
  });

  test('those of the other version of IP are not tried', () => {
    const six = endpoint('[2001:db8::20]:6000');
    const observed = endpoint('[2001:db8::20]:5000');
    const texts = ['[fd00::1]:6000', '[fc12:3456::1]:6000', '[fe80::1]:6000', '[::1]:6000', '10.0.0.1:6000'];
    assert.deepEqual(accepted(texts, observed, six), ['[fd00::1]:6000', '[fc12:3456::1]:6000']);
  });

  test('each counts once, and seven at most', () => {
    const texts = Array.from({ length: 9 }, (_, index) => `10.0.0.${index + 1}:6000`);
    assert.deepEqual(accepted(['10.0.0.1:6000', ...texts]), texts.slice(0, 7));
  });

  test('the server itself may live in a private network', () => {
    const inside = endpoint('10.0.0.1:39738');
    const found = acceptable([endpoint('10.0.0.1:6000'), endpoint('10.0.0.2:6000')], {
      remote,
      server: inside,
      observed: neighbour,
    });
    assert.deepEqual(found.map(formatEndpoint), ['10.0.0.2:6000']);
  });
});

test('an address with a zone means something here only', () => {
  assert.equal(isPrivate({ address: 'fd00::1%eth0', port: 1 }), false);
  assert.equal(isPrivate({ address: 'fd00::1', port: 1 }), true);
});
