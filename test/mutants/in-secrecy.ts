import { inFile, type Mutant } from './mutant.ts';

/** Faults in keys: how they are used, remembered and kept. */
export const inSecrecy: readonly Mutant[] = [
  ...inFile('runtime/secrecy/cookies.ts', [
    {
      fault: 'A cookie is good for every port of its address',
      text: `  bytes[1 + text.length] = port >> 8;
  bytes[2 + text.length] = port & 0xff;\n`,
      becomes: '',
    },
    {
      fault: 'A cookie is good for ever',
      text: `      previous = current;
      current = entropy(SECRET_BYTES);`,
      becomes: '      previous = current;',
    },
  ]),
  ...inFile('runtime/secrecy/seal.ts', [
    {
      fault: 'A sealer seals twice under one counter',
      text: 'counter <= used ||',
      becomes: 'counter < used ||',
    },
    {
      fault: 'What was sealed is opened as often as it comes',
      text: `      if (wasSeen(seen, 0, next, counter)) return 'replayed';\n`,
      becomes: '',
    },
    {
      fault: 'A forged datagram uses up the counter that it bears',
      text: `      const plain = new Uint8Array(sealed.length - SEAL_OVERHEAD);\n`,
      becomes: `      const plain = new Uint8Array(sealed.length - SEAL_OVERHEAD);
      next = markSeen(seen, 0, next, counter);\n`,
    },
  ]),
  ...inFile('runtime/secrecy/replay-window.ts', [
    {
      fault: 'The window against replays never moves, and forgets what is beyond it',
      text: 'return Math.max(next, counter + 1);',
      becomes: 'return Math.max(next, Math.min(counter + 1, WINDOW));',
    },
  ]),
  ...inFile('runtime/secrecy/noise.ts', [
    {
      fault: 'A reply that comes twice gives the same keys twice',
      text: '      finished = true;\n',
      becomes: '',
    },
  ]),
  ...inFile('runtime/identity/leases/leases.ts', [
    {
      fault: 'A lease is acknowledged before it is on the disk',
      text: '      await written;\n',
      becomes: '      void written.catch(() => {});\n',
    },
  ]),
  ...inFile('runtime/identity/known-keys.ts', [
    {
      fault: 'A server whose line is damaged counts as one that was never met',
      text: `if (first === undefined) return 'new';`,
      becomes: `if (first?.key === undefined) return 'new';`,
    },
    {
      fault: 'A key that has changed is remembered beside the old one',
      text: `        if (found !== 'new') throw changedKeyError(found);\n`,
      becomes: '',
    },
  ]),
  ...inFile('runtime/identity/trust.ts', [
    {
      fault: 'A peer whose key has changed is trusted',
      text: `(isChanged('peer', peerLabel(name, server), key) ?`,
      becomes: `(isChanged('server', peerLabel(name, server), key) ?`,
    },
  ]),
  ...inFile('runtime/identity/key-file.ts', [
    {
      fault: 'The error for a damaged key file shows the key',
      text: `'it is damaged, or no key file'`,
      becomes: `'it is damaged, or no key file: ' + found.text`,
    },
    {
      fault: 'A key file that others can read is used',
      text: '(found.mode & 0o077) !== 0',
      becomes: '(found.mode & 0o007) !== 0',
    },
  ]),
];
