import type { Entropy } from '../ambient.ts';
import { seededRandom } from '../simulation/random.ts';

/** The same bytes for the same seed, for tests and simulations. Never for real use: anyone can guess them. */
export function seededEntropy(seed: number): Entropy {
  const random = seededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
}
