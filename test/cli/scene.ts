/** Servers and clients in the places where most tests begin. */
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { type Program, punch } from './program.ts';
import { isListening, isState } from './reports.ts';
import { forgetful } from './user.ts';

export type Server = {
  readonly program: Program;
  readonly endpoint: Endpoint;
  /** As a client's first argument. */
  readonly address: string;
  readonly key: string | undefined;
};

/** A server that listens, at a free port of 127.0.0.1 unless told, and keeps no leases unless told where. */
export async function startServer(...args: readonly string[]): Promise<Server> {
  const keeping = args.includes('--data') ? [] : forgetful;
  const program = punch('server', '--host', '127.0.0.1', '--port', '0', ...keeping, ...args);
  const { endpoint, key } = await program.tells(isListening);
  return { program, endpoint, address: formatEndpoint(endpoint), key };
}

/** A client that prints JSON lines and is registered. */
export async function register(
  server: Pick<Server, 'address'>,
  name: string,
  ...args: readonly string[]
): Promise<Program> {
  const client = punch('client', server.address, name, '--json', ...args);
  await client.tells(isState('registered'));
  return client;
}

/** Two clients that print JSON lines, of which alice has called bob. */
export async function connect(
  server: Pick<Server, 'address'>,
  ...args: readonly string[]
): Promise<{ readonly alice: Program; readonly bob: Program }> {
  const bob = await register(server, 'bob', ...args);
  const alice = punch('client', server.address, 'alice', 'bob', '--json', ...args);
  await Promise.all([alice.tells(isState('connected')), bob.tells(isState('connected'))]);
  return { alice, bob };
}

/** Ends programs as Ctrl-C does, one after another. */
export async function interrupt(...programs: readonly Program[]): Promise<void> {
  for (const program of programs) await program.interrupt();
}
