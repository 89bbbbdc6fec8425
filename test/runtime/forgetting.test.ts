import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Directory } from '../../runtime/directory.ts';
import { collectGarbage } from './garbage.ts';

const VISITORS = 200_000;
const HEAP_GROWTH_BYTES_MAX = 2 << 20;

test('a directory keeps nothing of those who have left', (t) => {
  const directory = new Directory<object>(100);
  const visit = (number: number) => {
    const address = `198.51.${number >> 16}.${(number >> 8) & 255}`;
    directory.enter(`visitor ${number}`, { address, port: 1024 + (number & 255) }, {});
    directory.remove(`visitor ${number}`);
  };
  visit(0);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let number = 1; number <= VISITORS; number += 1) visit(number);
  collectGarbage();
  const growth = process.memoryUsage().heapUsed - before;
  t.diagnostic(`the heap grew by ${growth} bytes`);
  assert.equal(directory.size, 0);
  assert.ok(growth < HEAP_GROWTH_BYTES_MAX, `the heap grew by ${growth} bytes`);
});
