import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NAME_BYTES_MAX, nameFault } from '../../machines/name.ts';

describe('the names clients can have', () => {
  const good = [
    'a',
    'alice',
    'Alice Liddell',
    'алиса',
    '愛',
    '🦊',
    '👩‍🚀',
    '203.0.113.7',
    '..',
    "' OR 1=1",
    '{}',
    '\u00a0',
  ];
  for (const name of [...good, 'x'.repeat(NAME_BYTES_MAX), 'é'.repeat(31)]) {
    test(`${JSON.stringify(name)} is a name`, () => assert.equal(nameFault(name), undefined));
  }

  const bad: [name: string, fault: string][] = [
    ['', 'is empty'],
    ['x'.repeat(NAME_BYTES_MAX + 1), 'is longer than 63 bytes of UTF-8'],
    ['é'.repeat(32), 'is longer than 63 bytes of UTF-8'],
    ['🦊'.repeat(16), 'is longer than 63 bytes of UTF-8'],
    ['\0', 'contains control characters'],
    ['al\nice', 'contains control characters'],
    ['alice\r', 'contains control characters'],
    ['\t', 'contains control characters'],
    ['\u001b[31mred', 'contains control characters'],
    ['\u009b31mred', 'contains control characters'],
    ['\u007f', 'contains control characters'],
    ['\u0085', 'contains control characters'],
    ['a\u2028b', 'contains control characters'],
    ['a\u2029b', 'contains control characters'],
    ['\ud800', 'contains control characters'],
    ['a\udc00b', 'contains control characters'],
  ];
  for (const [name, fault] of bad) {
    test(`${JSON.stringify(name)} ${fault}`, () => assert.equal(nameFault(name), fault));
  }
});
