import { networkInterfaces } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { NatBehaviour } from '../../runtime/simulation/behaviour.ts';
import { Asker, type Received } from './asker.ts';
import type { MeasuredBehaviour } from './behaviour-probe.ts';
import { type Endpoint, encode, type Family, reflectors } from './reflection.ts';

/** A program for a host of a lab: measures what its NAT does and prints it as one line of JSON. */

const family: Family = process.argv[2] === '6' ? 6 : 4;
console.log(JSON.stringify((await measure()) ?? null));
process.exit(0);

async function measure(): Promise<MeasuredBehaviour | undefined> {
  const first = await Asker.open(family);
  const seen = await first.endpointAt(0);
  if (seen === undefined) return undefined;
  const isTranslated = !ownAddresses().has(seen.address);
  const filtering = await measureFiltering(first, seen);
  // The second reflector at the other address has sent to us now, and we never to it.
  const afterwards = await first.endpointAt(3);
  const mappings = await measureMappings();
  const mapping = isTranslated ? mappingOf(mappings.seen) : 'none';
  return {
    mapping,
    filtering,
    allocation: allocationOf(mappings.localPort, mappings.seen.map(portOf)),
    hairpinning: isTranslated && (await measureHairpinning()),
    poisonable: mapping === 'endpoint-independent' && portOf(afterwards) !== portOf(seen),
  };
}

/** Has everybody send to the endpoint of a socket that has only ever sent to the first reflector. */
async function measureFiltering(asker: Asker, seen: Endpoint): Promise<NatBehaviour['filtering']> {
  const fresh = await Asker.open(family);
  const toFresh = asker.ask(0, [0], { address: seen.address, port: fresh.port });
  const toAsker = asker.ask(0, [1, 2, 3]);
  await asker.settle();
  const isOpen = fresh.received.some(({ question }) => question === toFresh);
  const answers = asker.received.filter(({ question }) => question === toAsker);
  const heard = answers.filter(isUntouched).map(({ reflector }) => reflector);
  fresh.close();
  if (isOpen) return 'none';
  if (heard.includes(2) || heard.includes(3)) return 'endpoint-independent';
  return heard.includes(1) ? 'address-dependent' : 'address-and-port-dependent';
}

async function measureMappings(): Promise<{ localPort: number; seen: (Endpoint | undefined)[] }> {
  const asker = await Asker.open(family);
  const seen: (Endpoint | undefined)[] = [];
  for (const reflector of [0, 1, 2, 3]) seen.push(await asker.endpointAt(reflector));
  return { localPort: asker.port, seen };
}

async function measureHairpinning(): Promise<boolean> {
  const [one, other] = [await Asker.open(family), await Asker.open(family)];
  const target = await one.endpointAt(0);
  const source = await other.endpointAt(0);
  if (source === undefined) return false;
  // A hairpin may filter as strictly as any path in: open it from both sides.
  one.sendTo(source, encode({ question: -1, reflector: -1, seen: source }));
  await one.settle();
  other.sendTo(target, encode({ question: -1, reflector: -1, seen: source }));
  await one.settle();
  return one.received.some(({ question, from }) => question === -1 && isDeepStrictEqual(from, source));
}

/** Whether an answer came from where its reflector is: a NAT must not change the far end's address. */
function isUntouched({ reflector, from }: Received): boolean {
  return isDeepStrictEqual(from, reflectors[family][reflector]);
}

function mappingOf(seen: readonly (Endpoint | undefined)[]): NatBehaviour['mapping'] {
  const [a, b, c, d] = seen.map((endpoint) => `${endpoint?.address} ${endpoint?.port}`);
  if (a === b && b === c && c === d) return 'endpoint-independent';
  return a === b && c === d ? 'address-dependent' : 'address-and-port-dependent';
}

function allocationOf(
  local: number,
  ports: readonly (number | undefined)[],
): MeasuredBehaviour['allocation'] {
  if (ports.every((port) => port === local)) return 'preserving';
  const steps = ports.slice(1).map((port, index) => (port ?? 0) - (ports[index] ?? 0));
  return steps.every((step) => step === 1) ? 'sequential' : 'other';
}

function portOf(endpoint: Endpoint | undefined): number | undefined {
  return endpoint?.port;
}

function ownAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.map(({ address }) => address));
}
