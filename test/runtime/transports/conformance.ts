import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Endpoint } from '../../../machines/endpoint.ts';
import { requires } from '../../support/requirements.ts';
import { HAS_IPV6, until, type World, withEnds } from './world.ts';

const ipv6 = requires(
  'IPv6',
  HAS_IPV6 ? undefined : 'this machine has no ::1, enable IPv6 on its loopback interface',
);

/** The longest that UDP carries over IPv4; what Ethernet carries, and the sizes around it and around our own buffers. */
const SIZES = [0, 1, 3, 63, 64, 65, 128, 1400, 1472, 1473, 2047, 2048, 2049, 9000, 65_507];

/** What is true of every transport, in whichever world. */
export function conformance(what: string, worldOf: () => World): void {
  describe(`${what}: as every transport`, () => {
    const withPair = (run: Parameters<typeof withEnds>[2]) => {
      const world = worldOf();
      return withEnds(world, world.addresses.ipv4, run);
    };

    for (const version of ['ipv4', 'ipv6'] as const) {
      test(
        `carries datagrams over ${version}, unchanged, and says from whom`,
        version === 'ipv6' ? ipv6 : {},
        async () => {
          const world = worldOf();
          await withEnds(world, world.addresses[version], async ([here, there]) => {
            for (const size of SIZES) {
              const bytes = Array.from({ length: size }, (_, index) => (index * 7 + size) & 255);
              here.transport.send(there.transport.local, Uint8Array.from(bytes));
              const arrival = await there.next();
              assert.deepEqual(arrival.from, here.transport.local);
              assert.ok(
                Buffer.from(arrival.bytes).equals(Buffer.from(bytes)),
                `${size} bytes came unchanged`,
              );
            }
          });
        },
      );
    }

    test('answers whoever has written', () =>
      withPair(async ([here, there]) => {
        here.transport.send(there.transport.local, Uint8Array.of(1));
        const { from } = await there.next();
        there.transport.send(from, Uint8Array.of(2));
        assert.deepEqual(await here.next(), { from: there.transport.local, bytes: [2] });
      }));

    test('carries a datagram with a limit of hops, and the next ones without, in order', () =>
      withPair(async ([here, there]) => {
        here.transport.send(there.transport.local, Uint8Array.of(1));
        here.transport.send(there.transport.local, Uint8Array.of(2), 9);
        here.transport.send(there.transport.local, Uint8Array.of(3));
        for (const number of [1, 2, 3]) assert.deepEqual((await there.next()).bytes, [number]);
      }));

    test('keeps the order of thousands that are sent at once', () =>
      withPair(async ([here, there]) => {
        for (let number = 0; number < BURST; number += 1) {
          here.transport.send(there.transport.local, Uint8Array.of(number >> 8, number & 255));
        }
        for (let number = 0; number < BURST; number += 1) {
          assert.deepEqual((await there.next()).bytes, [number >> 8, number & 255]);
        }
      }));

    test('answers thousands from within its receiver, and nothing is lost', async () => {
      const world = worldOf();
      await withEnds(world, world.addresses.ipv4, async ([here, there]) => {
        there.transport.listen({ datagram: (from, bytes) => there.transport.send(from, bytes) });
        for (let number = 0; number < BURST; number += 1) {
          here.transport.send(there.transport.local, Uint8Array.of(number >> 8, number & 255));
        }
        for (let number = 0; number < BURST; number += 1) {
          assert.deepEqual((await here.next()).bytes, [number >> 8, number & 255]);
        }
      });
    });

    test('hands bytes over for the time of the call, which the next datagram does not spoil', async () => {
      const world = worldOf();
      await withEnds(world, world.addresses.ipv4, async ([here, there]) => {
        const seen: number[][] = [];
        there.transport.listen({
          datagram: (_from, bytes) => {
            if (seen.length === 0) here.transport.send(there.transport.local, Uint8Array.of(9));
            seen.push([...bytes]);
          },
        });
        here.transport.send(there.transport.local, Uint8Array.of(1, 2, 3));
        here.transport.send(there.transport.local, Uint8Array.of(4, 5));
        await until(world, () => seen.length >= 3);
        assert.deepEqual(seen.slice(0, 3), [[1, 2, 3], [4, 5], [9]]);
      });
    });

    test('lives on when nobody listens where it sends', () =>
      withPair(async ([here, there]) => {
        const nobody: Endpoint = { ...there.transport.local, port: 9 };
        for (let time = 0; time < 5; time += 1) here.transport.send(nobody, Uint8Array.of(1));
        here.transport.send(there.transport.local, Uint8Array.of(7));
        assert.deepEqual((await there.next()).bytes, [7]);
      }));

    test('hears nothing any more once it is closed, not even what came with the last datagram', async () => {
      const world = worldOf();
      await withEnds(world, world.addresses.ipv4, async ([here, there]) => {
        let heard = 0;
        there.transport.listen({
          datagram: () => {
            heard += 1;
            void there.transport.close();
          },
        });
        for (let time = 0; time < 10; time += 1) here.transport.send(there.transport.local, Uint8Array.of(1));
        await until(world, () => heard > 0);
        for (let turn = 0; turn < 10; turn += 1) await world.pass();
        assert.equal(heard, 1);
      });
    });

    test('that is closed sends nothing, can be closed again, and its port is free', async () => {
      const world = worldOf();
      await withEnds(world, world.addresses.ipv4, async ([here, there]) => {
        await here.transport.close();
        await here.transport.close();
        here.transport.send(there.transport.local, Uint8Array.of(1));
        const again = await world.open(here.transport.local.address, here.transport.local.port);
        again.send(there.transport.local, Uint8Array.of(2));
        assert.deepEqual((await there.next()).bytes, [2]);
        await again.close();
      });
    });
  });
}

const BURST = 3000;
