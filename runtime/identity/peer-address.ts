import { canonicalAddress, isIpv6 } from '../../machines/endpoint.ts';
import { nameFault } from '../../machines/name.ts';
import { PunchError } from '../errors.ts';
import { checkName } from '../names.ts';
import { DEFAULT_PORT, type HostAndPort, parseHostAndPort } from '../resolve.ts';
import { formatKey, parseKey } from '../secrecy/keys.ts';

/** How a peer is named: by its name alone, or with all that others need to reach it and to know it. */
export type PeerAddress = {
  readonly name: string;
  /** `host:port` in its one spelling. */
  readonly server: string | undefined;
  readonly key: Uint8Array | undefined;
};

/** How a server is named, and the key it must have if that is given. */
export type ServerAddress = HostAndPort & { readonly key: Uint8Array | undefined };

/**
 * Reads `punch://bob@server:39738#<key>`, the same without port, key or both, or a plain name. Throws a
 * {@link PunchError}: `badAddress`, or `badName` for a plain name that nobody can have.
 */
export function parsePeerAddress(text: string): PeerAddress {
  if (!isAddress(text)) {
    checkName(text);
    return { name: text, server: undefined, key: undefined };
  }
  const { before: place, key } = splitKey(text.slice(SCHEME.length), text);
  const at = place.lastIndexOf('@');
  if (at < 0) throw fault(text, 'it has no name before an @');
  const name = decodeName(place.slice(0, at), text);
  const reason = nameFault(name);
  if (reason !== undefined) throw fault(text, `its name ${reason}`);
  const server = place.slice(at + 1);
  if (server === '') throw fault(text, 'it has no server after the @');
  return { name, server: formatHostAndPort(parseServer(server, DEFAULT_PORT, text)), key };
}

/** The address that a friend is given, as {@link parsePeerAddress} reads it. */
export function formatPeerAddress(name: string, server: HostAndPort, key?: Uint8Array): string {
  return `${SCHEME}${encodeName(name)}@${formatHostAndPort(server)}${key === undefined ? '' : `#${formatKey(key)}`}`;
}

/** A name as an address has it: no shell finds anything of its own in it. */
export function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*]/g, percentEncoded);
}

/** Reads a server as {@link parseHostAndPort} does, with or without `#<key>` behind it. */
export function parseServerAddress(text: string, defaultPort: number = DEFAULT_PORT): ServerAddress {
  const { before, key } = splitKey(text, text);
  return { ...parseServer(before, defaultPort, text), key };
}

/** A host and port in one spelling, so that equal ones have equal text: what keys are remembered under. */
export function formatHostAndPort({ host, port }: HostAndPort): string {
  const spelled = canonicalAddress(host) ?? host.toLowerCase();
  return isIpv6(spelled) ? `[${spelled}]:${port}` : `${spelled}:${port}`;
}

const SCHEME = 'punch://';

function isAddress(text: string): boolean {
  return text.slice(0, SCHEME.length).toLowerCase() === SCHEME;
}

function parseServer(server: string, defaultPort: number, whole: string): HostAndPort {
  const stray = /[/?\\@]/.exec(server)?.[0];
  if (stray !== undefined) throw fault(whole, `there is a ${stray} in its server`);
  return parseHostAndPort(server, defaultPort);
}

function splitKey(text: string, whole: string): { before: string; key: Uint8Array | undefined } {
  const hash = text.indexOf('#');
  if (hash < 0) return { before: text, key: undefined };
  const key = parseKey(text.slice(hash + 1));
  if (key === undefined) throw fault(whole, 'what follows the # is not a key of 43 characters');
  return { before: text.slice(0, hash), key };
}

function decodeName(encoded: string, whole: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw fault(whole, 'its name has a % that is not followed by what it stands for: write %25 for % itself');
  }
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function fault(text: string, why: string): PunchError {
  return new PunchError(
    'badAddress',
    `${JSON.stringify(text)} is not an address: ${why}. Check that all of it was copied.`,
  );
}
