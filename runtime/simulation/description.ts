/**
 * Accesses as text, for a command line: a kind (`home-router`), a kind with changes to its outermost box
 * (`home-router,lifetime=20,hairpinning=yes`), changes to a plain port-preserving NAT (`mapping=port,filtering=address`),
 * or several of these joined by `+`, the one nearest to the host first.
 */
import { type Access, type Dependence, type NatBehaviour, nat } from './behaviour.ts';
import { isSimulatedKind, simulatedKinds } from './kinds.ts';

/** The access that a text describes, or what is wrong with it, as a sentence. */
export function parseAccess(text: string): Access | string {
  const parts = text.split('+').map(parsePart);
  const fault = parts.find((part) => typeof part === 'string');
  if (typeof fault === 'string') return fault;
  const accesses = parts.filter((part) => typeof part !== 'string');
  const families = new Set(accesses.map(({ family }) => family ?? 4));
  if (families.size > 1) return `${JSON.stringify(text)} mixes versions of IP. Use one of them.`;
  return {
    nats: accesses.flatMap(({ nats }) => nats),
    udpBlocked: accesses.some(({ udpBlocked }) => udpBlocked),
    ...(families.has(6) ? { family: 6 } : {}),
  };
}

/** The changes that {@link parseAccess} reads, for help. */
export const changesHelp =
  'mapping=endpoint|address|port|none, filtering=endpoint|address|port|none, ' +
  'allocation=preserving|range|sequential|random|block, block=<ports>, pool=<addresses>, pooling=paired|arbitrary, ' +
  'table=<mappings>, lifetime=<seconds>, refresh=both|outbound, hairpinning=yes|no, unsolicited=drop|accept';

function parsePart(text: string): Access | string {
  const words = text.split(',');
  const [first = ''] = words;
  const isKind = !first.includes('=');
  if (isKind && !isSimulatedKind(first)) {
    const known = Object.keys(simulatedKinds).join(', ');
    return `There is no NAT ${JSON.stringify(first)}. There are ${known}; or describe one: ${changesHelp}.`;
  }
  const base: Access = isSimulatedKind(first) ? simulatedKinds[first] : plain;
  const changes: Partial<NatBehaviour>[] = [];
  for (const word of isKind ? words.slice(1) : words) {
    const change = parseChange(word);
    if (change === undefined) return `${JSON.stringify(word)} describes no NAT. Use ${changesHelp}.`;
    changes.push(change);
  }
  const outermost = base.nats.at(-1);
  if (changes.length === 0) return base;
  if (outermost === undefined) return `"${first}" has no box that could be changed. Leave the changes out.`;
  return { ...base, nats: [...base.nats.slice(0, -1), Object.assign({}, outermost, ...changes)] };
}

const plain: Access = {
  nats: [nat('endpoint-independent', 'address-and-port-dependent')],
  udpBlocked: false,
};

function parseChange(word: string): Partial<NatBehaviour> | undefined {
  const [key = '', value = ''] = word.split('=', 2);
  const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
  return read?.(value);
}

const readers: Readonly<Record<string, (value: string) => Partial<NatBehaviour> | undefined>> = {
  mapping: choice(dependences(), (mapping) => ({ mapping })),
  filtering: choice(dependences(), (filtering) => ({ filtering })),
  allocation: choice(named('preserving', 'range', 'sequential', 'random', 'block'), (allocation) => ({
    allocation,
  })),
  block: whole(64_512, (blockSize) => ({ blockSize })),
  pool: whole(200, (pool) => ({ pool })),
  pooling: choice(named('paired', 'arbitrary'), (pooling) => ({ pooling })),
  table: whole(1_000_000, (tableSize) => ({ tableSize })),
  lifetime: whole(86_400, (seconds) => ({ lifetimeMs: seconds * 1000 })),
  refresh: choice(named('both', 'outbound'), (refresh) => ({ refresh })),
  hairpinning: choice({ yes: true, no: false }, (hairpinning) => ({ hairpinning })),
  unsolicited: choice(named('drop', 'accept'), (unsolicited) => ({ unsolicited })),
};

function dependences(): Readonly<Record<string, Dependence | 'none'>> {
  return {
    endpoint: 'endpoint-independent',
    address: 'address-dependent',
    port: 'address-and-port-dependent',
    ...named('none', 'endpoint-independent', 'address-dependent', 'address-and-port-dependent'),
  };
}

function named<Name extends string>(...names: readonly Name[]): Readonly<Record<string, Name>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

function choice<Value>(
  choices: Readonly<Record<string, Value>>,
  make: (value: Value) => Partial<NatBehaviour>,
): (text: string) => Partial<NatBehaviour> | undefined {
  return (text) => {
    const value = Object.hasOwn(choices, text) ? choices[text] : undefined;
    return value === undefined ? undefined : make(value);
  };
}

function whole(max: number, make: (value: number) => Partial<NatBehaviour>) {
  return (text: string) => {
    const value = /^[0-9]{1,7}$/.test(text) ? Number(text) : 0;
    return value >= 1 && value <= max ? make(value) : undefined;
  };
}
