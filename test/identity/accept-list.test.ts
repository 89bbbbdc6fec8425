import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openAcceptRule } from '../../runtime/identity/accept-list.ts';
import { formatPeerAddress } from '../../runtime/identity/peer-address.ts';
import { formatKey, sameKey } from '../../runtime/secrecy/keys.ts';
import { punchError } from '../runtime/scene.ts';
import { freshPath, someKey } from './folder.ts';

const [friend, other, stranger] = [someKey(), someKey(), someKey()];
const knownKeys = { isKnownPeer: (key: Uint8Array) => sameKey(key, friend) };
const address = formatPeerAddress('bob', { host: 'server', port: 5 }, other);

describe('who may connect:', () => {
  test('anyone', async () => {
    const rule = await openAcceptRule('any', knownKeys);
    assert.ok(rule.accepts(friend) && rule.accepts(stranger));
  });

  test('those whose keys are known', async () => {
    const rule = await openAcceptRule('known', knownKeys);
    assert.ok(rule.accepts(friend) && !rule.accepts(stranger));
  });

  test('those in a list, by key or by address', async () => {
    const rule = await openList(`# friends\n\n  ${formatKey(friend)}\r\n${address}`);
    assert.ok(rule.accepts(friend) && rule.accepts(other) && !rule.accepts(stranger));
  });

  test('nobody, when the list is empty', async () => {
    const rule = await openList('');
    assert.ok(!rule.accepts(friend));
  });
});

describe('a rule that says nothing is refused:', () => {
  for (const text of ['', 'everyone', 'ANY', 'list', 'list ', 'listing file', 'known people']) {
    test(JSON.stringify(text), async () => {
      await assert.rejects(
        openAcceptRule(text, knownKeys),
        punchError('badAddress', /Write any, known or list FILE/),
      );
    });
  }

  test('a list that is not there', async () => {
    await assert.rejects(
      openAcceptRule('list /nowhere/friends', knownKeys),
      punchError('badKeyFile', /The list \/nowhere\/friends cannot be read: there is no such file/),
    );
  });

  for (const [line, why] of [
    ['bob', /^Line 3 of .* has no key/],
    ['two\twords', /^Line 3 of .* has no key/],
    [formatKey(friend).slice(1), /^Line 3 of .* has no key/],
    ['punch://bob@server', /^Line 3 of .* has no key/],
    ['punch://bob@server#key', /^Line 3 of .*: "punch:\/\/bob@server#key" is not an address/],
  ] as const) {
    test(`a list with the line ${JSON.stringify(line)}`, async () => {
      await assert.rejects(openList(`# friends\n${address}\n${line}\n`), punchError('badAddress', why));
    });
  }
});

function openList(text: string) {
  const file = freshPath();
  writeFileSync(file, text);
  return openAcceptRule(`list ${file}`, knownKeys);
}
