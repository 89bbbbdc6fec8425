import { access as lineWithoutNat } from '../../../runtime/simulation/behaviour.ts';
import { SimulatedNetwork } from '../../../runtime/simulation/network.ts';
import { smoothPath } from '../../../runtime/simulation/path.ts';
import { createVirtualClock } from '../../../runtime/simulation/virtual-clock.ts';
import { MemoryNetwork } from '../../support/memory-network.ts';
import { conformance } from './conformance.ts';

conformance('the network in memory', () => {
  const network = new MemoryNetwork();
  let ports = 1000;
  return {
    addresses: { ipv4: ['192.0.2.1', '192.0.2.2'], ipv6: ['2001:db8::1', '2001:db8::2'] },
    open: async (address, port) => {
      ports += 1;
      return network.open(`${address.includes(':') ? `[${address}]` : address}:${port || ports}`);
    },
    pass: async () => network.clock.advance(1),
  };
});

conformance('the simulated network', () => {
  const clock = createVirtualClock();
  const network = new SimulatedNetwork({ clock, seed: 1, isRecorded: false });
  const households = ([4, 4, 6, 6] as const).map((family) =>
    network.household('somebody', { ...lineWithoutNat(), family }, smoothPath),
  );
  const [one = '', two = '', three = '', four = ''] = households.map((household) => household.addressOf(0));
  let ports = 1000;
  return {
    addresses: { ipv4: [one, two], ipv6: [three, four] },
    open: async (address, port) => {
      const household = households.find((each) => each.addressOf(0) === address);
      if (household === undefined) throw new Error(`nobody lives at ${address}`);
      ports += 1;
      return network.host('somebody', household, port || ports);
    },
    pass: async () => clock.advance(1),
  };
});
