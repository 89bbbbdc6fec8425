import { createInterface } from 'node:readline';
import { Asker } from './asker.ts';

/** A program for a host of a lab: for each line it reads, prints where the internet sees its one socket. */

const asker = await Asker.open(4);
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify((await asker.endpointAt(0)) ?? null));
}
asker.close();
