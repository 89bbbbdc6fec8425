import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Program } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'punch-package-'));
after(() => rmSync(folder, { recursive: true }));

/** A library user's program: strict types, no look at our sources. */
const consumer = `
import { randomBytes } from 'node:crypto';
import { createPeer, createRendezvousServer, formatEndpoint, openAcceptRule, openKeyFile, openKnownKeys } from 'udp-hole-punch';
import { PunchError } from 'udp-hole-punch';
import type { AcceptRule, KeyPair, KnownKeys } from 'udp-hole-punch';
import type { Endpoint, Link, LinkState, Peer, PeerState, PunchErrorCode, RendezvousServer } from 'udp-hole-punch';

const abort = new AbortController();
const server: RendezvousServer = await createRendezvousServer({ host: '127.0.0.1', port: 0, signal: abort.signal });
const endpoint: Endpoint = server.endpoint;
const peer: Peer = createPeer({ server: formatEndpoint(endpoint), name: 'alice', timeoutMs: 500 });
const phases: PeerState['state'][] = [];
for await (const { state } of peer.states) {
  phases.push(state);
  if (state === 'registered') break;
}
const failure: PunchErrorCode | undefined = await peer.connect('bob').then(
  (link: Link) => void link.send('hi'),
  (error: unknown) => (error instanceof PunchError ? error.code : undefined),
);
const keys: KeyPair = await openKeyFile('key', randomBytes);
const knownKeys: KnownKeys = await openKnownKeys('known_keys');
const accept: AcceptRule = await openAcceptRule('known', knownKeys);
await createPeer({ server: formatEndpoint(endpoint) + '#' + server.key, name: 'carol', keys, knownKeys, accept }).close();
export const shown = ({ state, remote }: LinkState): string => state + String(remote?.port);
// @ts-expect-error A peer has a name.
export const nameless = () => createPeer({ server: 'example.org' });
console.log(phases.join(' '), failure);
await Promise.all([peer.close(), server.close()]);
`;

const compiler = resolve('node_modules/typescript/bin/tsc');
const strictly = [
  ...['--noEmitOnError', '--target', 'es2023', '--module', 'nodenext', '--types', 'node'],
  ...['--strict', '--noUncheckedIndexedAccess', '--verbatimModuleSyntax'],
] as const;

/** XState's own declarations do not hold with this, so whoever sets it skips the check of libraries. */
const moreStrictly = [...strictly, '--exactOptionalPropertyTypes', '--skipLibCheck'] as const;

describe('the package', () => {
  let files: readonly string[] = [];

  before(async () => {
    const tarball = await pack();
    files = tarball.files;
    writeFileSync(join(folder, 'package.json'), '{ "name": "elsewhere", "private": true, "type": "module" }');
    await npm(folder, 'install', tarball.path, '--prefer-offline', '--no-audit', '--no-fund');
  });

  it('has all that it needs, and nothing else', () => {
    for (const file of ['LICENSE', 'README.md', 'machines/PROTOCOL.md', 'package.json']) {
      assert.ok(files.includes(file), file);
    }
    const program = files.filter((file) => file.startsWith('dist/'));
    const drawings = files.filter((file) => file.startsWith('machines/diagrams/'));
    for (const file of drawings) assert.match(file, /\.svg$/);
    const others = files.filter((file) => !program.includes(file) && !drawings.includes(file));
    assert.equal(others.length, 4, others.join());
    for (const file of program)
      assert.match(file, /\.(js|d\.ts)$|\/page\/[a-z]+\.(html|css|svg)$/, 'no sources');
    for (const file of program) assert.doesNotMatch(file, /\.test\.|^dist\/test\/(?!natlab\/)/, 'no tests');
    for (const file of ['dist/cli/main.js', 'dist/runtime/index.js', 'dist/runtime/index.d.ts']) {
      assert.ok(program.includes(file), file);
    }
  });

  it('needs no script to be installed', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const script of ['preinstall', 'install', 'postinstall']) assert.ok(!(script in scripts), script);
  });

  it('brings the command line along', async () => {
    const help = elsewhere('npx', '--no-install', 'punch', '--help');
    await help.endsWith(0);
    assert.match(help.output, /^Usage: punch/);
    const demo = elsewhere('npx', '--no-install', 'punch', 'demo');
    await demo.endsWith(0);
    assert.match(demo.output, /alice and bob are connected directly/);
  });

  it('prints charts and paths without anything but its own dependencies', async () => {
    const diagram = elsewhere('npx', '--no-install', 'punch', 'diagram', 'client');
    const paths = elsewhere('npx', '--no-install', 'punch', 'paths', 'client');
    await diagram.endsWith(0);
    assert.match(diagram.output, /^stateDiagram-v2/m);
    await paths.endsWith(0);
    assert.match(paths.output, /^client: \d+ paths/);
  });

  it('is a library, with types for strict programs', async () => {
    mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
    symlinkSync(resolve('node_modules/@types/node'), join(folder, 'node_modules', '@types', 'node'));
    const [, example = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync('README.md', 'utf8')) ?? [];
    writeFileSync(join(folder, 'consumer.ts'), consumer);
    writeFileSync(join(folder, 'example.ts'), example);
    for (const options of [strictly, moreStrictly]) {
      await elsewhere(process.execPath, compiler, ...options, 'consumer.ts', 'example.ts').endsWith(0);
    }
    const program = elsewhere(process.execPath, 'consumer.js');
    await program.endsWith(0);
    assert.equal(program.output, 'registering knocking awaitingAck registered peerUnknown\n');
  });
});

/** Packs what test/all.ts has built: building once more would pull the program from under other tests. */
async function pack(): Promise<{ readonly path: string; readonly files: readonly string[] }> {
  const answer = await npm(process.cwd(), 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  const [packed] = JSON.parse(answer) as { filename: string; files: { path: string }[] }[];
  assert.ok(packed !== undefined);
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

async function npm(where: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', args, { cwd: where, timeout: 120_000 });
  return stdout;
}

function elsewhere(...command: readonly [string, ...string[]]): Program {
  return new Program(command, { folder });
}
