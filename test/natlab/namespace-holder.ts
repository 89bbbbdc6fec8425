import { labUnavailable, PrivateRoot } from './namespace.ts';

/** A program for tests: opens a private root, starts something in it, says where, and waits to be killed. */

const reason = labUnavailable();
if (reason !== undefined) {
  console.log(JSON.stringify({ reason }));
  process.exit(0);
}
const root = await PrivateRoot.open();
await root.run(['ip', 'netns', 'add', 'inside']);
root.spawn('inside', 'sleep', ['1000']);
console.log(JSON.stringify({ namespace: (await root.run(['readlink', '/proc/self/ns/pid'])).trim() }));
