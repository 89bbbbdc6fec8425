import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { accessKinds } from '../../runtime/simulation/behaviour.ts';
import { requires } from '../support/requirements.ts';
import { type Host, Laboratory } from './laboratory.ts';
import { delayUnavailable, labUnavailable } from './namespace.ts';
import { Wan } from './wan.ts';

describe('a line with delay', requires('TUN devices', delayUnavailable()), () => {
  let lab: Laboratory;
  before(async () => {
    const impairment = { delayMilliseconds: 25, jitterMilliseconds: 5 };
    lab = await Laboratory.build({
      sites: [
        { name: 'far', access: accessKinds['home-router'], impairment },
        { name: 'far-too', access: accessKinds.none, impairment },
        { name: 'near', access: accessKinds.none },
        { name: 'far-and-lossy', access: accessKinds.none, impairment: { ...impairment, loss: 0.2 } },
      ],
    });
  });
  after(() => lab?.dispose());

  it('takes its time both ways', async () => {
    assertBetween(await roundTrip(lab, lab.host('far'), lab.server), 50 - TICK_MS, 75);
  });
  it('adds to the delay at the other end', async () => {
    assertBetween(await roundTrip(lab, lab.host('far'), lab.host('far-too')), 100 - TICK_MS, 150);
  });
  it('delays IPv6 alike', async () => {
    assertBetween(
      await roundTrip(lab, lab.host('far-too'), lab.server, lab.server.addressIpv6),
      50 - TICK_MS,
      75,
    );
  });
  it('loses besides as much as it was told, both ways', async () => {
    const { received } = await echo(lab, lab.host('far-and-lossy'), lab.server, { count: 400 });
    assertBetween(received, 205, 307);
  });
  it('leaves its neighbours alone', async () => {
    assertBetween(await roundTrip(lab, lab.host('near'), lab.server), 0, 45);
  });
});

describe('a line with loss', requires('kernel NATs', labUnavailable()), () => {
  let lab: Laboratory;
  before(async () => {
    const access = accessKinds.none;
    lab = await Laboratory.build({ sites: [{ name: 'lossy', access, impairment: { loss: 0.5 } }] });
  });
  after(() => lab?.dispose());

  it('loses about as much as it was told, both ways', async () => {
    const { received } = await echo(lab, lab.host('lossy'), lab.server, { count: 400 });
    assertBetween(received, 60, 140);
  });
});

describe('the chance of a line', () => {
  const packet = Uint8Array.from([0x45, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 198, 18, 1, 2, 203, 0, 113, 1]);
  const lines = new Map([[1, { delayMilliseconds: 10, jitterMilliseconds: 10, loss: 0.3 }]]);
  const fates = (seed: number) => {
    const wan = new Wan(lines, seed);
    return Array.from({ length: 50 }, () => wan.delayOf(packet));
  };

  it('is the same for the same seed, and only then', () => {
    assert.deepEqual(fates(7), fates(7));
    assert.notDeepEqual(fates(7), fates(8));
  });
});

async function roundTrip(lab: Laboratory, from: Host, to: Host, address = to.address): Promise<number> {
  // The fastest of many, because a busy machine delays some of them too.
  const { milliseconds } = await echo(lab, from, to, { address, count: 20 });
  return milliseconds;
}

/** Sends datagrams to another host, which returns them: how many came back, and how fast the fastest was. */
async function echo(
  lab: Laboratory,
  from: Host,
  to: Host,
  { address = to.address, count }: { readonly address?: string; readonly count: number },
): Promise<Echoes> {
  const echoing = lab.spawn(to, process.execPath, ['-e', echoProgram]);
  await once(echoing.stdout, 'data');
  const printed = await lab.run(from, [process.execPath, '-e', sendProgram, address, String(count)]);
  await echoing.stop();
  return JSON.parse(printed) as Echoes;
}

const echoProgram = `
  const socket = require('node:dgram').createSocket('udp6');
  socket.on('message', (bytes, { port, address }) => socket.send(bytes, port, address));
  socket.bind(7000, () => console.log('ready'));`;

const sendProgram = `
  const [address, count] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
  let [sent, received, milliseconds] = [0, 0, Infinity];
  socket.on('message', (bytes) => {
    received += 1;
    milliseconds = Math.min(milliseconds, performance.now() - Number(bytes));
  });
  const sending = setInterval(() => {
    if (sent < count) socket.send(String(performance.now()), 7000, address);
    else setTimeout(() => { console.log(JSON.stringify({ received, milliseconds })); process.exit(); }, 300);
    if (sent++ >= count) clearInterval(sending);
  }, 2);`;

type Echoes = { readonly received: number; readonly milliseconds: number };

/** The kernel may let go of a packet as much before its time, on the way there and back. */
const TICK_MS = 1;

function assertBetween(value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${value} is not between ${least} and ${most}`);
}
