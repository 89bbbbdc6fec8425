import { homedir } from 'node:os';
import { pause, realEntropy } from '../runtime/ambient.ts';
import { placesOf } from '../runtime/identity/places.ts';
import {
  createRendezvousServer,
  fingerprintOf,
  type Io,
  openKeyFile,
  PunchError,
  parseKey,
  type RendezvousServer,
  type ServerOptions,
} from '../runtime/index.ts';
import type { Recording } from '../runtime/trace/recording.ts';
import { exitCodes, outcomeOf } from './exit.ts';
import { type Inspection, type InspectOptions, inspectIf } from './inspection.ts';
import { recordIf, watchedBy } from './recording.ts';
import { render } from './render.ts';
import { clock, openTerminal, type Terminal } from './terminal.ts';

export type ServerCommandOptions = InspectOptions & {
  readonly host?: string;
  readonly port: number;
  readonly maxClients: number;
  readonly ttl: number;
  readonly data?: string;
  readonly key?: string;
  readonly allowProtocol1?: boolean;
  readonly io: Io;
  readonly json?: boolean;
  readonly record?: string;
};

/** `punch server`: runs until it is interrupted. Resolves to the exit code. */
export async function runServer(options: ServerCommandOptions): Promise<number> {
  const json = options.json ?? process.stdout.isTTY !== true;
  const terminal = openTerminal({ json });
  const { host, port, maxClients, io } = options;
  let inspection: Inspection | undefined;
  let recording: Recording | undefined;
  try {
    inspection = await inspectIf(options, 'server', terminal);
    recording = await recordIf(options.record, 'server', terminal);
    const server = await startServer(options, terminal, {
      port,
      maxClients,
      ttlMs: options.ttl * 1000,
      io,
      notice: (text) => terminal.report({ type: 'notice', text }),
      ...(host === undefined ? {} : { host }),
      ...watchedBy(inspection, recording),
    });
    terminal.report({ type: 'listening', endpoint: server.endpoint, ...identityOf(server) });
    if (options.allowProtocol1) terminal.report({ type: 'notice', text: WITHOUT_KEYS });
    if (!json) terminal.report({ type: 'notice', text: 'Ctrl-C ends the server.' });
    await (json ? reportStatus(server, terminal) : showStatusLine(server, terminal.interrupted));
    await server.close();
    terminal.report({ type: 'end', outcome: 'done', code: exitCodes.done });
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof PunchError)) throw error;
    const outcome = outcomeOf(error.code) === 'usage' ? 'usage' : 'failed';
    terminal.report({ type: 'end', outcome, code: exitCodes[outcome], reason: error.message });
    return exitCodes[outcome];
  } finally {
    await recording?.close();
    await inspection?.close();
  }
}

const WITHOUT_KEYS =
  'Clients of protocol 1 are served too. They have no keys: whoever shares or forges their IP address can take their ' +
  'name or their place, and a forged request makes this server send two datagrams.';

/** With the leases and the key in the directory that is named; or in the user's own, if that can be written. */
async function startServer(
  { data, key, allowProtocol1 }: ServerCommandOptions,
  terminal: Terminal,
  rest: ServerOptions,
): Promise<RendezvousServer> {
  const options: ServerOptions = {
    ...rest,
    ...(allowProtocol1 ? { protocols: [1, 2] } : {}),
    ...(key === undefined ? {} : { keys: await openKeyFile(key, realEntropy) }),
  };
  if (data === 'none') return createRendezvousServer(options);
  if (data !== undefined) return createRendezvousServer({ ...options, data });
  const usual = placesOf(process.env, homedir()).serverData;
  try {
    return await createRendezvousServer({ ...options, data: usual });
  } catch (error) {
    if (
      !(error instanceof PunchError) ||
      error.code !== 'permissionDenied' ||
      !error.message.includes(usual)
    ) {
      throw error;
    }
    const text = `${error.message} Until then, names are leased for as long as the server runs.`;
    terminal.report({ type: 'notice', text });
    return createRendezvousServer(options);
  }
}

function identityOf({ key }: RendezvousServer): { key?: string; fingerprint?: string } {
  const bytes = key === undefined ? undefined : parseKey(key);
  return key === undefined || bytes === undefined ? {} : { key, fingerprint: fingerprintOf(bytes) };
}

const STATUS_INTERVAL_MS = 1000;

/** A status a second, while there is news. */
async function reportStatus(server: RendezvousServer, terminal: Terminal): Promise<void> {
  let told = '';
  const tell = () => {
    const status = server.status();
    const text = JSON.stringify(status);
    if (text !== told) terminal.report({ type: 'status', ...status });
    told = text;
  };
  while (!terminal.interrupted.aborted) {
    tell();
    await pause(clock, STATUS_INTERVAL_MS, terminal.interrupted);
  }
  tell();
}

/** One line that is written over. */
async function showStatusLine(server: RendezvousServer, interrupted: AbortSignal): Promise<void> {
  while (!interrupted.aborted) {
    const line = render({ type: 'status', ...server.status() }) ?? '';
    process.stdout.write(`\r${line.slice(0, (process.stdout.columns || 80) - 1)}\u001b[K`);
    await pause(clock, STATUS_INTERVAL_MS, interrupted);
  }
  process.stdout.write('\n');
}
