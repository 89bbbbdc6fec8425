import type { ClientObstacle } from '../machines/client.ts';
import type { LinkObstacle } from '../machines/link.ts';

export type PunchErrorCode =
  | ClientObstacle
  | LinkObstacle
  | 'linkLost'
  | 'closed'
  | 'badName'
  | 'badText'
  | 'badAddress'
  | 'notConnected'
  | 'unresolved'
  | 'addressInUse'
  | 'addressUnavailable'
  | 'permissionDenied';

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
export function registrationError(reason: ClientObstacle, server: string): PunchError {
  switch (reason) {
    case 'noTransport':
      return new PunchError(
        reason,
        `The address of ${server} was not found in time. Check the name, or give an IP address.`,
      );
    case 'noServer':
      return new PunchError(
        reason,
        `No answer from ${server}. Check the address, that the server runs, and that UDP to it is not blocked.`,
      );
    case 'refused':
      return new PunchError(
        reason,
        `The server at ${server} refused the name: it is in use from another address, or the server is full. ` +
          'Choose another name, or wait until the other has been silent for the 90 s a server remembers it.',
      );
  }
}

/** Why a link to a peer did not come about, or ended. */
export function linkError(reason: LinkObstacle | 'linkLost', peer: string): PunchError {
  switch (reason) {
    case 'noServer':
      return new PunchError(
        reason,
        `The server did not answer the request for ${peer}. It may have stopped: try again.`,
      );
    case 'peerUnknown':
      return new PunchError(
        reason,
        `The server does not know ${peer}. Start ${peer} first, and check the spelling.`,
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
          'destination another port, which protocol 1 cannot cross. Try another network on one side.',
      );
    case 'linkLost':
      return new PunchError(
        reason,
        `Nothing was heard from ${peer} for 60 s. It has stopped, or a NAT has changed: connect again.`,
      );
  }
}
