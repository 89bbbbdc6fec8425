/**
 * The data structures of mnemonist, each loaded alone: the package's front door loads all of them, which costs a
 * process 40 ms of its start. Its side doors open to `require` only.
 */
import { createRequire } from 'node:module';
import type circularBuffer from 'mnemonist/circular-buffer';
import type heap from 'mnemonist/heap';
import type lruMap from 'mnemonist/lru-map';

const require = createRequire(import.meta.url);

export const CircularBuffer: typeof circularBuffer.default = require('mnemonist/circular-buffer');
export type CircularBuffer<Item> = circularBuffer.default<Item>;
export const Heap: typeof heap.default = require('mnemonist/heap');
export type Heap<Item> = heap.default<Item>;
export const LRUMap: typeof lruMap.default = require('mnemonist/lru-map');
