import { isAbsolute, join } from 'node:path';

/** Where what must outlive the process is kept, unless the user names another place. */
export type Places = {
  /** The key of a client, which is its identity. */
  readonly keyFile: string;
  /** The keys of the servers and peers that were met. */
  readonly knownKeysFile: string;
  /** The directory with the leases and the key of a server. */
  readonly serverData: string;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The places that the XDG Base Directory Specification (0.8) gives a user with this environment and home. */
export function placesOf(environment: Environment, home: string): Places {
  const config = join(baseDirectory(environment.XDG_CONFIG_HOME, home, '.config'), 'punch');
  const state = join(baseDirectory(environment.XDG_STATE_HOME, home, '.local', 'state'), 'punch');
  return { keyFile: join(config, 'key'), knownKeysFile: join(config, 'known_keys'), serverData: state };
}

/** The file for the key of a server: beside its leases, so that one directory is all there is to carry to a new machine. */
export function serverKeyFileIn(data: string): string {
  return join(data, 'key');
}

/** The specification has a relative path ignored, as if it were not set. */
function baseDirectory(named: string | undefined, home: string, ...usual: readonly string[]): string {
  return named !== undefined && isAbsolute(named) ? named : join(home, ...usual);
}
