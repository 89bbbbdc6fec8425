/**
 * What two peers say to each other inside the envelopes of protocol 2: the payloads of a call's handshake, which the
 * server carries but cannot read, and what they seal for each other from then on.
 */
import { type Reader, Writer } from './bytes.ts';
import type { Endpoint } from './endpoint.ts';
import { ID_BYTES } from './envelope.ts';
import { type LetterFault, read } from './letter-server.ts';

/** In the handshake of a call, both ways: where else the sender may be reached. */
export type Whereabouts = { readonly candidates: readonly Endpoint[] };

/** Sealed by a peer for another. */
export type ToPeer =
  | {
      readonly type: 'probe';
      readonly nonce: Uint8Array;
      /** The nonce that was heard last on this path; null if there was none lately. */
      readonly echo: Uint8Array | null;
      /** Whether an answer is wanted. */
      readonly asks: boolean;
      /** Where the sender sends this to. */
      readonly observed: Endpoint;
    }
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'bye' }
  /** Carried by the server, as offer or as answer: both are to be introduced anew, under the keys they have. */
  | ({ readonly type: 'whereabouts' } & Whereabouts);

/** Addresses that one side names beside the one that the server sees, at most. */
export const CANDIDATES_MAX = 7;

/** What fits into one Data: an envelope less its header, the seal and the letter's number. */
export const DATA_BYTES_MAX = 1200 - 17 - 16 - 1;

export function encodeWhereabouts({ candidates }: Whereabouts): Uint8Array {
  return writeCandidates(new Writer().byte(0), candidates).done();
}

/** More candidates than {@link CANDIDATES_MAX} are a fault. */
export function decodeWhereabouts(bytes: Uint8Array): Whereabouts | LetterFault {
  return read(bytes, (reader): Whereabouts | LetterFault => {
    if (reader.byte() !== 0) return 'unknownMessage';
    const candidates = readCandidates(reader);
    return candidates === 'badNumber' ? candidates : { candidates };
  });
}

export function encodeToPeer(letter: ToPeer): Uint8Array {
  switch (letter.type) {
    case 'probe':
      return new Writer()
        .byte(0)
        .raw(letter.nonce)
        .byte((letter.echo === null ? 0 : 1) + (letter.asks ? 2 : 0))
        .raw(letter.echo ?? new Uint8Array(ID_BYTES))
        .endpoint(letter.observed)
        .done();
    case 'data':
      return new Writer().byte(1).raw(letter.bytes).done();
    case 'bye':
      return Uint8Array.of(2);
    case 'whereabouts':
      return writeCandidates(new Writer().byte(3), letter.candidates).done();
  }
}

export function decodeToPeer(bytes: Uint8Array): ToPeer | LetterFault {
  return read(bytes, (reader): ToPeer | LetterFault => {
    switch (reader.byte()) {
      case 0: {
        const nonce = reader.raw(ID_BYTES);
        const flags = reader.byte();
        const echo = reader.raw(ID_BYTES);
        if (flags > 3) return 'badNumber';
        return {
          type: 'probe',
          nonce,
          echo: (flags & 1) === 0 ? null : echo,
          asks: (flags & 2) !== 0,
          observed: reader.endpoint(),
        };
      }
      case 1:
        return { type: 'data', bytes: reader.rest() };
      case 2:
        return { type: 'bye' };
      case 3: {
        const candidates = readCandidates(reader);
        return candidates === 'badNumber' ? candidates : { type: 'whereabouts', candidates };
      }
      default:
        return 'unknownMessage';
    }
  });
}

function writeCandidates(writer: Writer, candidates: readonly Endpoint[]): Writer {
  writer.byte(candidates.length);
  for (const candidate of candidates) writer.endpoint(candidate);
  return writer;
}

function readCandidates(reader: Reader): readonly Endpoint[] | 'badNumber' {
  const count = reader.byte();
  if (count > CANDIDATES_MAX) return 'badNumber';
  return Array.from({ length: count }, () => reader.endpoint());
}
