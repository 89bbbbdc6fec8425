import type { PunchErrorCode } from '../runtime/errors.ts';

/** How the program ends, for scripts: documented in the README and in `punch --help`. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  noServer: 3,
  peerUnknown: 4,
  punchingFailed: 5,
  linkLost: 6,
  refused: 7,
  deviates: 8,
  distrusted: 9,
  interrupted: 130,
} as const;

export type Outcome = keyof typeof exitCodes;

/** What each exit code means, in a few words. */
export const outcomeTexts: Readonly<Record<Outcome, string>> = {
  done: 'done',
  failed: 'something else failed, such as a port in use',
  usage: 'wrong arguments',
  noServer: 'no answer from the server, or it was not found',
  peerUnknown: 'the peer is not registered, or does not take the call',
  punchingFailed: 'the peer was introduced, but no packet came through',
  linkLost: 'the peer fell silent, or left before it had every line',
  refused: 'the server refused the name',
  deviates: 'the server deviates from the protocol',
  distrusted: 'a key is not the one that was remembered',
  interrupted: 'interrupted before it was connected; or registered, without a peer',
};

export function outcomeOf(code: PunchErrorCode): Outcome {
  switch (code) {
    case 'noServer':
    case 'noTransport':
    case 'unresolved':
      return 'noServer';
    case 'peerUnknown':
    case 'punchingFailed':
    case 'linkLost':
    case 'refused':
      return code;
    case 'otherFamily':
      return 'punchingFailed';
    case 'keyChanged':
    case 'serverKeyChanged':
    case 'peerKeyChanged':
      return 'distrusted';
    case 'nameTaken':
    case 'nameInUse':
    case 'full':
      return 'refused';
    case 'left':
      return 'linkLost';
    case 'badName':
    case 'badAddress':
    case 'badText':
      return 'usage';
    default:
      return 'failed';
  }
}
