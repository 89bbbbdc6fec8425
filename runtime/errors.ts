import type { ClientObstacle } from '../machines/client.ts';
import type { LinkDoubt, LinkObstacle } from '../machines/link.ts';
import { LINK_SILENCE_MS } from '../machines/timing.ts';

export type PunchErrorCode =
  | ClientObstacle
  | LinkObstacle
  | 'linkLost'
  | 'left'
  | 'undelivered'
  | 'closed'
  | 'badName'
  | 'badText'
  | 'tooLong'
  | 'unsupported'
  | 'badAddress'
  | 'notConnected'
  | 'unresolved'
  | 'addressInUse'
  | 'addressUnavailable'
  | 'permissionDenied'
  | 'badKeyFile'
  | 'keyChanged'
  | 'badStore';

/** What went wrong, in a sentence for people that ends with what they can do, and in a `code` for programs. */
export class PunchError extends Error {
  override readonly name = 'PunchError';
  readonly code: PunchErrorCode;

  constructor(code: PunchErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why a client could not register with its server. */
export function registrationError(reason: ClientObstacle, server: string, protocol: 1 | 2 = 1): PunchError {
  switch (reason) {
    case 'noTransport':
      return new PunchError(
        reason,
        `The address of ${server} was not found in time. Check the name, or give an IP address.`,
      );
    case 'noServer':
      return new PunchError(
        reason,
        `No answer from ${server}. Check the address, that the server runs, and that UDP to it is not blocked. ` +
          otherProtocolHint(protocol),
      );
    case 'refused':
      return new PunchError(
        reason,
        `The server at ${server} refused the name: it is in use from another address, it belongs to a key, or the ` +
          'server is full. Choose another name, or wait until the other has been silent for the 90 s a server ' +
          'remembers it.',
      );
    case 'full':
      return new PunchError(
        reason,
        `The server at ${server} is full. Try again later, or use another server.`,
      );
    case 'nameInUse':
      return new PunchError(
        reason,
        `A client of protocol 1, which has no key, uses the name at ${server}. Choose another name, or wait until it has ` +
          'been silent for the 90 s a server remembers it.',
      );
    case 'nameTaken':
      return new PunchError(
        reason,
        `The name belongs to another key at ${server}. Choose another name, or use the key that it was registered with ` +
          '(--key).',
      );
    case 'serverKeyChanged':
      return new PunchError(
        reason,
        `${server} has another key than it had before, or than you were given: it is another server, or somebody is ` +
          'between. Ask who runs it.',
      );
  }
}

/** Neither protocol is answered by a server of the other alone, and a client does not fall back by itself. */
function otherProtocolHint(protocol: 1 | 2): string {
  return protocol === 1
    ? 'A server of protocol 2 answers protocol 1 only if it is told to: try protocol 2.'
    : 'A server of protocol 1 alone, such as the original, answers protocol 1 only, which has no keys.';
}

/** Why a link to a peer did not come about, or ended. */
export function linkError(
  reason: LinkObstacle | 'linkLost' | 'left',
  peer: string,
  protocol: 1 | 2 = 1,
): PunchError {
  switch (reason) {
    case 'noServer':
      return new PunchError(
        reason,
        `The server did not answer the request for ${peer}. It may have stopped: try again.`,
      );
    case 'peerUnknown':
      return new PunchError(
        reason,
        protocol === 1
          ? `The server does not know ${peer}. Start ${peer} first, and check the spelling.`
          : `${peer} is not there, or does not take calls from you. Start ${peer} first, and check the spelling.`,
      );
    case 'otherFamily':
      return new PunchError(
        reason,
        `${peer} uses another version of IP. Let both reach the server over IPv4, or both over IPv6.`,
      );
    case 'punchingFailed':
      return new PunchError(
        reason,
        `No packet of ${peer} came through. Either ${peer} has stopped, UDP is blocked, or a NAT on the way gives every ` +
          `destination another port, which ${protocol === 1 ? 'protocol 1 cannot cross' : 'cannot always be crossed'}. ` +
          'Try another network on one side.',
      );
    case 'peerKeyChanged':
      return new PunchError(
        reason,
        `${peer} has another key than before, or than you were given: it is somebody else, or was set up anew. Ask ` +
          `${peer} for the fingerprint.`,
      );
    case 'left':
      return new PunchError(reason, `${peer} has closed the link, or was started again: connect again.`);
    case 'linkLost':
      return lossError(peer, LINK_SILENCE_MS, 'noAnswer');
  }
}

/** Why a link that was connected is lost, after so many ms without an answer. */
export function lossError(peer: string, unansweredMs: number, doubt: LinkDoubt): PunchError {
  const cause =
    doubt === 'networkChanged'
      ? `This machine has come to another network, and ${peer} could not be told where it is`
      : 'It has stopped, or a NAT has changed';
  const seconds = Math.round(unansweredMs / 1000);
  return new PunchError(
    'linkLost',
    `Nothing was heard from ${peer} for ${seconds} s. ${cause}: connect again.`,
  );
}
