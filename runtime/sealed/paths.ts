import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { ID_BYTES } from '../../machines/envelope.ts';
import type { ToPeer } from '../../machines/letter-peer.ts';
import { ECHO_MS, PROBE_NONCE_MS } from '../../machines/timing.ts';
import type { Clock, Entropy } from '../ambient.ts';
import { LRUMap } from '../structures.ts';
import { sameBytes } from './hex.ts';

type Probe = Extract<ToPeer, { readonly type: 'probe' }>;

/** Paths that are remembered: twice as many as a link tries. The least lately used one goes first. */
const PATHS_MAX = 16;

/** Nonces of ours that count on one path: what is sent there while punching, within a long path's time to and fro. */
const NONCES_MAX = 16;

type Stamped = { readonly nonce: Uint8Array; readonly atMs: number };

type Path = { readonly sent: readonly Stamped[]; readonly heard: Stamped | undefined };

/**
 * What went to and fro on each path to one peer. A path is the peer's address as we see it, and works both ways if
 * what we sent there comes back from there: a probe that is replayed from elsewhere brings nothing back.
 */
export class Paths {
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #paths = new LRUMap<string, Path>(PATHS_MAX);

  constructor(clock: Clock, entropy: Entropy) {
    this.#clock = clock;
    this.#entropy = entropy;
  }

  /** The next probe on the path to an address. */
  probe(to: Endpoint, asks: boolean): Probe {
    const { sent, heard } = this.#pathTo(to);
    const nonce = this.#entropy(ID_BYTES);
    const stamped = { nonce, atMs: this.#clock.now() };
    this.#paths.set(formatEndpoint(to), { sent: [...sent, stamped].slice(-NONCES_MAX), heard });
    return { type: 'probe', nonce, echo: heard?.nonce ?? null, asks, observed: to };
  }

  /** Takes in a probe of the peer's. True if it brings back what we have lately sent over this path. */
  heard(from: Endpoint, { nonce, echo }: Probe): boolean {
    const { sent } = this.#pathTo(from);
    this.#paths.set(formatEndpoint(from), { sent, heard: { nonce, atMs: this.#clock.now() } });
    return echo !== null && sent.some((own) => sameBytes(own.nonce, echo));
  }

  #pathTo(endpoint: Endpoint): Path {
    const { sent = [], heard } = this.#paths.get(formatEndpoint(endpoint)) ?? {};
    const now = this.#clock.now();
    return {
      sent: sent.filter(({ atMs }) => now - atMs < PROBE_NONCE_MS),
      heard: heard !== undefined && now - heard.atMs < ECHO_MS ? heard : undefined,
    };
  }
}
