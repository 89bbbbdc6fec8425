/** Everything that limits a world. Without limits there is no end to it; each limit is printed with the verdicts. */

export const boundTexts = {
  flight: 'packets in flight at once; one sent beyond that is lost',
  copies: 'whether packets may be delivered more than once (0 or 1)',
  losses: 'whether packets may be lost (0 or 1)',
  ports: 'external ports that each client has',
  restarts: 'clients that come back as a new process at another port',
  leaves: 'clients that leave without a word',
  outages: 'restarts of the server, which forgets everybody',
  expiries:
    'sessions that end although their client is there; those of clients that are gone end in any case',
  forgets: 'holes that a NAT closes early',
  forgeries: 'datagrams that a stranger makes up, of any message from any address',
  capacity: 'sessions that the server holds',
  ordered: 'whether the timers of one chart keep the order that their delays give them (0 or 1)',
  quiet: 'whether waits of 5 s and more end only when nothing is in flight (0 or 1)',
  states: 'composed states in one scenario, in thousands; a scenario that has more is not judged',
} as const;

export type BoundName = keyof typeof boundTexts;
export type Bounds = Readonly<Record<BoundName, number>>;

export const defaultBounds: Bounds = {
  flight: 2,
  copies: 1,
  losses: 1,
  ports: 2,
  restarts: 0,
  leaves: 0,
  outages: 0,
  expiries: 0,
  forgets: 0,
  forgeries: 0,
  capacity: 3,
  ordered: 0,
  quiet: 0,
  states: 20_000,
};

const highest: Bounds = {
  flight: 6,
  copies: 1,
  losses: 1,
  ports: 4,
  restarts: 3,
  leaves: 3,
  outages: 3,
  expiries: 3,
  forgets: 3,
  forgeries: 3,
  capacity: 3,
  ordered: 1,
  quiet: 1,
  states: 60_000,
};

/** Reads `flight=3,restarts=1`, or says as a sentence what is wrong with it. */
export function parseBounds(text: string): Partial<Record<BoundName, number>> | string {
  return readBounds(text, Object.keys(boundTexts) as BoundName[], (name) => [lowest(name), highest[name]]);
}

/** Likewise, for bounds of any names that have ranges. */
export function readBounds<Name extends string>(
  text: string,
  names: readonly Name[],
  rangeOf: (name: Name) => readonly [number, number],
): Partial<Record<Name, number>> | string {
  const bounds: Partial<Record<Name, number>> = {};
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const [given = '', value = ''] = part.split('=', 2);
    const name = names.find((one) => one === given);
    if (name === undefined) return `There is no bound "${given}". Choose: ${names.join(', ')}.`;
    const [least, most] = rangeOf(name);
    if (!/^[0-9]{1,6}$/.test(value) || Number(value) > most || Number(value) < least)
      return `The bound ${name} is a whole number from ${least} to ${most}.`;
    bounds[name] = Number(value);
  }
  return bounds;
}

function lowest(name: BoundName): number {
  if (name === 'ports') return 2;
  return name === 'flight' || name === 'capacity' || name === 'states' ? 1 : 0;
}
