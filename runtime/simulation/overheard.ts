import { formatEndpoint } from '../../machines/endpoint.ts';
import type { Letter } from '../stage.ts';

/** What is sealed in the datagrams of a run, as those have told it who have sealed it. Nobody on the way knows. */
export class Overheard {
  readonly #words = new Map<string, string>();

  hear(datagram: Uint8Array, letter: Letter): void {
    this.#words.set(headerOf(datagram), wordsFor(letter));
  }

  wordsIn(datagram: Uint8Array): string | undefined {
    return this.#words.get(headerOf(datagram));
  }
}

/** The number, the session or pair, and the counter: no two sealed datagrams share them, but two sides do. */
const HEADER_BYTES = 17;
const TAG_BYTES = 16;

function headerOf(datagram: Uint8Array): string {
  const parts = [datagram.subarray(0, HEADER_BYTES), datagram.subarray(-TAG_BYTES)];
  return Buffer.concat(parts).toString('latin1');
}

function wordsFor(letter: Letter): string {
  switch (letter.type) {
    case 'keepalive':
      return 'Keepalive';
    case 'keepaliveAck':
      return `KeepaliveAck(${formatEndpoint(letter.observed)})`;
    case 'lookup':
      return `Lookup(${letter.name})`;
    case 'found':
      return 'Found';
    case 'holePunchRequest':
      return `HolePunchRequest(${letter.name})`;
    case 'holePunchInitiate':
      return `HolePunchInitiate(${letter.name}, ${formatEndpoint(letter.remote)})`;
    case 'holePunchAccept':
      return 'HolePunchAccept';
    case 'holePunchRefuse':
      return 'HolePunchRefuse';
    case 'holePunchAnswer':
      return `HolePunchAnswer(${formatEndpoint(letter.remote)})`;
    case 'start':
      return 'Start';
    case 'holePunchResponseUnknown':
      return 'HolePunchResponseUnknown';
    case 'pathChallenge':
      return 'PathChallenge';
    case 'pathResponse':
      return 'PathResponse';
    case 'probe':
      return ['Probe', ...(letter.echo === null ? [] : ['echoes']), ...(letter.asks ? ['asks'] : [])].join(
        ', ',
      );
    case 'data':
      return `Data, ${letter.bytes.length} bytes`;
    case 'bye':
      return 'Bye';
    case 'whereabouts':
      return 'Whereabouts';
  }
}
