import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nameFault } from '../../machines/name.ts';
import {
  formatPeerAddress,
  parsePeerAddress,
  parseServerAddress,
} from '../../runtime/identity/peer-address.ts';
import { DEFAULT_PORT } from '../../runtime/resolve.ts';
import { formatKey } from '../../runtime/secrecy/keys.ts';
import { punchError } from '../runtime/scene.ts';

const key = Uint8Array.from({ length: 32 }, (_, index) => index);
const keyText = formatKey(key);

describe('how a peer is written', () => {
  const readable: [text: string, name: string, server: string | undefined, hasKey: boolean][] = [
    ['bob', 'bob', undefined, false],
    ['bob@home', 'bob@home', undefined, false],
    ['http://bob', 'http://bob', undefined, false],
    [`punch://bob@server:39738#${keyText}`, 'bob', 'server:39738', true],
    ['punch://bob@server:39738', 'bob', 'server:39738', false],
    [`punch://bob@server#${keyText}`, 'bob', `server:${DEFAULT_PORT}`, true],
    ['PUNCH://bob@Server.Example', 'bob', `server.example:${DEFAULT_PORT}`, false],
    [`punch://bob@[2001:DB8:0::1]:5#${keyText}`, 'bob', '[2001:db8::1]:5', true],
    ['punch://bob@2001:db8::1', 'bob', `[2001:db8::1]:${DEFAULT_PORT}`, false],
    ['punch://bob@[::ffff:192.0.2.1]:5', 'bob', '192.0.2.1:5', false],
    ['punch://zo%C3%AB%20b%40home@server:5', 'zoë b@home', 'server:5', false],
    ['punch://zoë@server:5', 'zoë', 'server:5', false],
    ['punch://bob@home@server:5', 'bob@home', 'server:5', false],
  ];
  for (const [text, name, server, hasKey] of readable) {
    test(`${text} is ${name} at ${server ?? 'the server that is used'}${hasKey ? ', with a key' : ''}`, () => {
      assert.deepEqual(parsePeerAddress(text), { name, server, key: hasKey ? key : undefined });
    });
  }

  const unreadable: [text: string, why: RegExp][] = [
    ['punch://', /no name before an @/],
    ['punch://server:5', /no name before an @/],
    ['punch://@server:5', /its name is empty/],
    ['punch://bob@', /no server after the @/],
    ['punch://bob@server:99999', /Ports end at 65535/],
    ['punch://bob@a:b:c', /"a:b:c" is not an address/],
    ['punch://bob@server/path', /there is a \/ in its server/],
    [`punch://${'b'.repeat(64)}@server`, /its name is longer than 63 bytes/],
    ['punch://b%0Ab@server', /its name contains control characters/],
    ['punch://100%@server', /write %25 for %/],
    ['punch://b%FFb@server', /write %25 for %/],
    ['punch://bob@server#', /not a key of 43 characters/],
    [`punch://bob@server#${keyText.slice(1)}`, /not a key of 43 characters/],
    [`punch://bob@server#${keyText}=`, /not a key of 43 characters/],
    [`punch://bob@server#${keyText.slice(0, -1)}+`, /not a key of 43 characters/],
  ];
  for (const [text, why] of unreadable) {
    test(`${text} is refused, and it is said why`, () => {
      assert.throws(() => parsePeerAddress(text), punchError('badAddress', why));
    });
  }

  test('a plain name that nobody can have is refused as such', () => {
    assert.throws(() => parsePeerAddress(''), punchError('badName', /is empty/));
  });

  test('whatever is written for a friend is what the friend reads', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        names.filter((name) => nameFault(name) === undefined),
        host,
        fc.integer({ min: 0, max: 65_535 }),
        fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
        (name, host, port, key) => {
          const address = formatPeerAddress(name, { host, port }, key);
          assert.match(address, /^[\w:/@#%.~[\]-]+$/, 'nothing that a shell or a terminal takes for its own');
          const read = parsePeerAddress(address);
          assert.deepEqual({ name: read.name, key: read.key }, { name, key });
          const again = parseServerAddress(read.server ?? '');
          assert.equal(formatPeerAddress(name, again, key), address);
          assert.equal(again.port, port);
        },
      ),
    );
  });

  test('whatever else is written is read or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `punch://${text}`),
        ),
        (text) => {
          try {
            parsePeerAddress(text);
          } catch (error) {
            assert.ok(
              ['badAddress', 'badName'].includes((error as { code?: string }).code ?? ''),
              `${error}`,
            );
          }
        },
      ),
    );
  });
});

describe('how a server is written with its key', () => {
  for (const [text, host, port] of [
    ['server', 'server', DEFAULT_PORT],
    ['server:5', 'server', 5],
    ['[2001:db8::1]:5', '2001:db8::1', 5],
  ] as const) {
    test(`${text}, with a key or without`, () => {
      assert.deepEqual(parseServerAddress(text), { host, port, key: undefined });
      assert.deepEqual(parseServerAddress(`${text}#${keyText}`), { host, port, key });
    });
  }

  test('a port may be agreed on otherwise', () => {
    assert.equal(parseServerAddress('server', 5).port, 5);
  });

  test('a scheme or a name before it is refused', () => {
    assert.throws(() => parseServerAddress('http://server'), punchError('badAddress', /there is a \//));
    assert.throws(() => parseServerAddress('bob@server'), punchError('badAddress', /there is a @/));
  });

  test('a key that is none is refused', () => {
    assert.throws(() => parseServerAddress('server#key'), punchError('badAddress', /not a key/));
  });
});
