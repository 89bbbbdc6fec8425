/**
 * What a NAT does, in the words of RFC 4787: how it maps, what it filters, which ports it allocates. The kernel
 * laboratory builds these descriptions out of nftables, and the oracle reasons about them; neither knows the other.
 */

/** How far an external port or an opened hole depends on the far end (RFC 4787 4.1 and 5). */
export type Dependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

export type NatBehaviour = {
  /** `none` translates nothing: a firewall, or no box at all. */
  readonly mapping: Dependence | 'none';
  /** Which inbound packets pass a mapping that exists. `none` lets everything in. */
  readonly filtering: Dependence | 'none';
  /**
   * Which external port a new mapping gets; `range` means any free one of a range that hosts do not use, `block` any
   * free one of those that are set aside for the inner address (RFC 7422).
   */
  readonly allocation: 'preserving' | 'range' | 'sequential' | 'random' | 'block';
  /** Whether two hosts behind this NAT reach each other by their external addresses (RFC 4787 6). */
  readonly hairpinning: boolean;
  /**
   * What the router does with an inbound packet that belongs to no mapping. One that accepts it for itself
   * remembers the flow, and must then give our own packet to that peer another port.
   */
  readonly unsolicited: 'drop' | 'accept';
  /** How long a mapping, and a hole in the filter, outlives its last packet. Two minutes unless told (RFC 4787 4.3). */
  readonly lifetimeMs?: number;
  /** Whose packets count for that. Both directions, unless told (RFC 4787 4.3, REQ-6). */
  readonly refresh?: 'outbound' | 'both';
  /** External addresses. One, unless told. */
  readonly pool?: number;
  /** Whether an inner address keeps its external one (RFC 4787 4.1, REQ-2). `paired` unless told. */
  readonly pooling?: 'paired' | 'arbitrary';
  /** Mappings at once; a full table makes no new ones. Without a bound, unless told. */
  readonly tableSize?: number;
  /** Ports set aside for one inner address, with `block` allocation. 512 unless told. */
  readonly blockSize?: number;
};

/** The boxes between a host and the internet, the one nearest to the host first. Two make a double NAT. */
export type Access = {
  readonly nats: readonly NatBehaviour[];
  readonly udpBlocked: boolean;
  /** The version of IP it offers. 4, unless told. */
  readonly family?: 4 | 6;
};

/**
 * What people have, by the name they would look for: those that the kernel can build too. The keys are the values of
 * `--nat`; the simulator knows more (kinds.ts).
 */
export const accessKinds = {
  none: access(),
  firewall: access(nat('none', 'address-and-port-dependent')),
  'full-cone': access(nat('endpoint-independent', 'endpoint-independent')),
  'restricted-cone': access(nat('endpoint-independent', 'address-dependent')),
  'linux-masquerade': access(nat('endpoint-independent', 'address-and-port-dependent')),
  'home-router': access(nat('endpoint-independent', 'address-and-port-dependent', { allocation: 'range' })),
  'hairpin-router': access(nat('endpoint-independent', 'endpoint-independent', { hairpinning: true })),
  'input-accept': access(
    nat('endpoint-independent', 'address-and-port-dependent', { unsolicited: 'accept' }),
  ),
  'address-dependent': access(
    nat('address-dependent', 'address-and-port-dependent', { allocation: 'range' }),
  ),
  'symmetric-sequential': access(
    nat('address-and-port-dependent', 'address-and-port-dependent', { allocation: 'sequential' }),
  ),
  symmetric: access(
    nat('address-and-port-dependent', 'address-and-port-dependent', { allocation: 'random' }),
  ),
  'symmetric-restricted': access(
    nat('address-and-port-dependent', 'address-dependent', { allocation: 'random' }),
  ),
  'symmetric-open': access(
    nat('address-and-port-dependent', 'endpoint-independent', { allocation: 'random' }),
  ),
  'double-nat': access(
    nat('endpoint-independent', 'address-and-port-dependent'),
    nat('endpoint-independent', 'address-and-port-dependent'),
  ),
  'carrier-grade': access(
    nat('endpoint-independent', 'address-and-port-dependent'),
    nat('address-and-port-dependent', 'address-and-port-dependent', { allocation: 'random' }),
  ),
  'udp-blocked': { nats: [nat('endpoint-independent', 'address-and-port-dependent')], udpBlocked: true },
} as const satisfies Record<string, Access>;

export type AccessKind = keyof typeof accessKinds;

/** Whether `text` names one of {@link accessKinds}. */
export function isAccessKind(text: string): text is AccessKind {
  return Object.hasOwn(accessKinds, text);
}

/** The behaviour a peer on the internet observes through all the boxes of an access together. */
export function observed(access: Access): Pick<NatBehaviour, 'mapping' | 'filtering'> {
  const rank = ['none', 'endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const;
  const strictest = (key: 'mapping' | 'filtering') =>
    rank[Math.max(0, ...access.nats.map((box) => rank.indexOf(box[key])))] ?? 'none';
  return { mapping: strictest('mapping'), filtering: strictest('filtering') };
}

export function access(...nats: NatBehaviour[]): Access {
  return { nats, udpBlocked: false };
}

export function nat(
  mapping: NatBehaviour['mapping'],
  filtering: NatBehaviour['filtering'],
  rest: Partial<NatBehaviour> = {},
): NatBehaviour {
  return { mapping, filtering, allocation: 'preserving', hairpinning: false, unsolicited: 'drop', ...rest };
}
