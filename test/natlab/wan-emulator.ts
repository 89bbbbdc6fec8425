import { read, writeSync } from 'node:fs';
import { type Impairment, Wan } from './wan.ts';

/**
 * A program for the core of a lab: takes every packet from the TUN device that it was given open, and puts it back
 * when, and if, the lines in between let it through. Arguments: seed, lines as JSON, number of the open file.
 * It lives until the lab ends it: reads of a TUN device block, and would hold back an orderly exit.
 */

const [seed = '', lines = '', device = ''] = process.argv.slice(2);
const tun = Number(device);
const wan = new Wan(new Map(JSON.parse(lines) as [number, Impairment][]), Number(seed));
const buffer = Buffer.alloc(65_536);

receive();
console.log('ready');

function receive(): void {
  read(tun, buffer, 0, buffer.length, null, (error, length) => {
    if (error !== null) process.kill(process.pid, 'SIGKILL');
    forward(Buffer.from(buffer.subarray(0, length)));
    receive();
  });
}

function forward(packet: Buffer): void {
  const delay = wan.delayOf(packet);
  if (delay === undefined) return;
  if (delay === 0) inject(packet);
  else setTimeout(inject, delay, packet);
}

function inject(packet: Buffer): void {
  try {
    writeSync(tun, packet);
  } catch {
    // The kernel refuses what is no sound packet, as a line would.
  }
}
