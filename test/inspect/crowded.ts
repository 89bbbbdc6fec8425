/** More than usual: a recording of very many events, and a server with very many sessions. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Endpoint } from '../../machines/endpoint.ts';
import { linkMachine } from '../../machines/link.ts';
import { sessionMachine } from '../../machines/session.ts';
import { enact } from '../../runtime/stage.ts';
import { createRecorder } from '../../runtime/trace/recorder.ts';
import { createTraceWriter } from '../../runtime/trace/writer.ts';

const SESSIONS = 40;

const place = (index: number): Endpoint => ({ address: '198.51.100.7', port: 1024 + index });

/** Writes a whole recording of at least so many events: sessions that are refreshed, and a link that talks. */
export function recordMany(file: string, events: number): void {
  const fd = openSync(file, 'w');
  const write = (line: string) => {
    writeSync(fd, line);
    return true;
  };
  let at = 0;
  const clock = { now: () => at, setTimeout: () => 0, clearTimeout: () => {} };
  const recorder = createRecorder(
    createTraceWriter({ write }, { label: 'simulate', times: 'virtual' }),
    clock,
  );
  const stage = (label: string) => ({
    clock,
    random: () => 0.5,
    label,
    inspect: (event: Parameters<typeof recorder.inspect>[0]) => recorder.inspect(event),
  });
  const sessions = Array.from({ length: SESSIONS }, (_, index) => {
    const name = `client-${index}`;
    const input = { name, client: place(index), ttlMs: 90_000 };
    return enact(stage('server'), sessionMachine, name, input, { perform() {} });
  });
  const [server, bob] = [place(0), place(1)];
  const given = { name: 'alice', peer: 'bob', server, remote: bob };
  const limits = { patienceMs: 60_000, punchBudgetMs: 30_000 };
  const link = enact(stage('alice'), linkMachine, 'link:bob', { ...given, ...limits }, { perform() {} });
  for (let index = 0; index < events; index += 1) {
    at += 0.25;
    if (index % 10 === 0) link.send({ type: 'datagram.message', from: bob, text: 'Hello from bob' });
    else sessions[index % SESSIONS]?.send({ type: 'datagram.register', from: place(index % SESSIONS) });
  }
  recorder.end();
  closeSync(fd);
}

/** A program: a server with so many sessions, over a transport that leads nowhere, inspected at a port. */
export const crowdedServer = (root: string, sessions: number, port: number): string => `
import { Rendezvous } from ${JSON.stringify(`${root}/runtime/rendezvous.js`)};
import { startInspection } from ${JSON.stringify(`${root}/runtime/inspect/inspection.js`)};
import { stageFor } from ${JSON.stringify(`${root}/runtime/watcher.js`)};
import { realAmbient } from ${JSON.stringify(`${root}/runtime/ambient.js`)};
import { encode } from ${JSON.stringify(`${root}/machines/wire.js`)};
const inspection = await startInspection({ label: 'server', port: ${port} });
let receive;
const nowhere = {
  local: { address: '127.0.0.1', port: 1 },
  send() {},
  listen: (receiver) => { receive = receiver.datagram; },
  async close() {},
};
const limits = { maxClients: ${sessions}, admission: { perSecond: 1e9, burst: 1e9 } };
const server = new Rendezvous({ ...realAmbient, label: 'server', ...stageFor(inspection) }, nowhere, limits);
for (let index = 0; index < ${sessions}; index += 1) {
  const from = { address: '10.' + (index >> 16) + '.' + ((index >> 8) & 255) + '.' + (index & 255), port: 5000 };
  receive(from, encode({ type: 'register', name: 'client-' + index }));
  if (index % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
}
console.log(JSON.stringify({ type: 'status', clients: server.status().clients }));
process.stdin.on('data', (text) => {
  const index = Number(text);
  const from = { address: '10.' + (index >> 16) + '.' + ((index >> 8) & 255) + '.' + (index & 255), port: 5000 };
  receive(from, encode({ type: 'register', name: 'client-' + index }));
});
process.on('SIGINT', async () => { await inspection.close(); process.exit(0); });
`;
