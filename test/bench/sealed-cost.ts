import type { Endpoint } from '../../machines/endpoint.ts';
import { headerOf } from '../../machines/envelope.ts';
import { encodeToClient, encodeToServer } from '../../machines/letter-server.ts';
import { realAmbient, realEntropy } from '../../runtime/ambient.ts';
import { momentaryLeases } from '../../runtime/identity/leases/momentary.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import { createCookies } from '../../runtime/secrecy/cookies.ts';
import { createKeyPair, KEY_BYTES, type KeyPair } from '../../runtime/secrecy/keys.ts';
import { type Channel, respond } from '../../runtime/secrecy/noise.ts';
import { registrationPrologue } from '../../runtime/secrecy/prologue.ts';
import { createOpener, createSealer } from '../../runtime/secrecy/seal.ts';
import { sodium } from '../../runtime/secrecy/sodium.ts';
import type { Receiver, Transport } from '../../runtime/transport.ts';
import { type Benchmark, brief, type Figure, median, withRange } from './figures.ts';
import { read, SealedClient } from './sealed-client.ts';

const ROUNDS = 9;
const CLIENTS = 500;
const KEEPALIVES = 20;
const TARGET_PER_SECOND = 3000;

/** What the server's part of protocol 2 costs, without a kernel: only its own CPU time is counted, not its clients'. */
export const sealedCost: Benchmark = {
  async run(progress) {
    const rounds: Round[] = [];
    for (let round = -2; round < ROUNDS; round += 1) {
      const measured = await measureRound();
      if (round >= 0) rounds.push(measured);
      progress('registering and keeping alive', Math.max(0, round + 1) / ROUNDS);
    }
    return [registrations(rounds), keepalives(rounds)];
  },
};

/** µs of CPU: for a registration and for a keepalive, for the cryptography in them alone, for one X25519. */
type Round = Readonly<
  Record<'registration' | 'registrationCrypto' | 'keepalive' | 'keepaliveCrypto' | 'curve', number>
>;

function registrations(rounds: readonly Round[]): Figure {
  const rates = rounds.map(({ registration }) => 1e6 / registration);
  const share = median(rounds.map((round) => round.registrationCrypto / round.registration));
  return {
    what: `registrations of protocol 2 a second on one core, knock to first acknowledged keepalive`,
    measured: withRange(rates, 'a second'),
    reference: `cryptography ${brief(100 * share)} % of it; one X25519 ${withRange(
      rounds.map(({ curve }) => curve),
      'µs',
    )}, of which it takes five`,
    target: `≥ ${TARGET_PER_SECOND.toLocaleString('en')}`,
    met: median(rates) >= TARGET_PER_SECOND,
    values: { perSecond: median(rates), cryptoShare: share },
  };
}

function keepalives(rounds: readonly Round[]): Figure {
  const costs = rounds.map(({ keepalive }) => keepalive);
  const share = median(rounds.map((round) => round.keepaliveCrypto / round.keepalive));
  return {
    what: "server's CPU per keepalive of protocol 2",
    measured: withRange(costs, 'µs'),
    reference: `cryptography ${brief(100 * share)} % of it`,
    target: '',
    values: { cpuMicros: median(costs), cryptoShare: share },
  };
}

async function measureRound(): Promise<Round> {
  const keys = createKeyPair(realEntropy);
  const wire = new Wire();
  const server = new Rendezvous(realAmbient, wire, {
    sealed: { keys, entropy: realEntropy, leases: momentaryLeases() },
    admission: { perSecond: 1e9, burst: 1e9 },
  });
  const clients = Array.from({ length: CLIENTS }, (_, index) => clientOf(index));
  const pass = (bytesOf: (client: SealedClient) => Uint8Array) => {
    const datagrams = clients.map(bytesOf);
    const micros = cpuMicrosOf(() => {
      for (const [index, bytes] of datagrams.entries())
        wire.deliver((clients[index] as SealedClient).endpoint, bytes);
    });
    return { micros, datagrams, answers: wire.answers(CLIENTS) };
  };
  const knocks = pass((client) => client.registration.knock());
  for (const [index, answer] of knocks.answers.entries()) clients[index]?.challenged(answer);
  const registered = pass((client) => client.register());
  for (const [index, answer] of registered.answers.entries()) clients[index]?.acknowledged(answer);
  const proofs = pass((client) => client.keepalive());
  const registration = (knocks.micros + registered.micros + proofs.micros) / CLIENTS;
  let keepalive = 0;
  for (let turn = 0; turn < KEEPALIVES; turn += 1) keepalive += pass((client) => client.keepalive()).micros;
  await server.close();
  const handshakes = cryptoOfHandshakes(keys, registered.datagrams);
  return {
    registration,
    registrationCrypto: handshakes.micros + cryptoOfKeepalive(handshakes.channel),
    keepalive: keepalive / KEEPALIVES / CLIENTS,
    keepaliveCrypto: cryptoOfKeepalive(handshakes.channel),
    curve: costOfCurve(keys),
  };
}

function clientOf(index: number): SealedClient {
  const address = `127.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  return new SealedClient(`client-${index}`, { address, port: 5000 });
}

/** A transport that keeps what the server sends until it is asked for. */
class Wire implements Transport {
  readonly local: Endpoint = { address: '127.0.0.1', port: 39_738 };
  #receiver: Receiver | undefined;
  #sent: Uint8Array[] = [];

  deliver(from: Endpoint, bytes: Uint8Array): void {
    this.#receiver?.datagram(from, bytes);
  }

  answers(count: number): readonly Uint8Array[] {
    const answers = this.#sent;
    this.#sent = [];
    if (answers.length !== count) throw new Error(`${answers.length} answers to ${count} datagrams`);
    return answers;
  }

  send(_to: Endpoint, bytes: Uint8Array): void {
    this.#sent.push(bytes);
  }

  listen(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  async close(): Promise<void> {}
}

/** µs for what a registration asks of the libraries: a cookie baked, one judged, the handshake answered. */
function cryptoOfHandshakes(keys: KeyPair, registers: readonly Uint8Array[]) {
  const cookies = createCookies(realEntropy, realAmbient.clock);
  const from = { address: '127.0.0.1', port: 5000 };
  const envelopes = registers.map((bytes) => read(bytes, 'register'));
  let channel: Channel | undefined;
  const micros = cpuMicrosOf(() => {
    for (const { nonce, handshake } of envelopes) {
      cookies.isGood(from, nonce, cookies.bake(from, nonce));
      const response = respond(realEntropy, keys, registrationPrologue(nonce, keys.publicKey), handshake);
      channel = response?.accept(new Uint8Array(28)).channel;
    }
  });
  if (channel === undefined) throw new Error('no handshake was answered');
  return { micros: micros / registers.length, channel };
}

/** µs for opening one letter and sealing another. */
function cryptoOfKeepalive({ sendKey }: Channel): number {
  const [client, server] = [createSealer(sendKey), createSealer(sendKey)];
  const opener = createOpener(sendKey);
  const session = new Uint8Array(8);
  const observed = { address: '127.0.0.1', port: 5000 };
  const plain = {
    keepalive: encodeToServer({ type: 'keepalive' }),
    ack: encodeToClient({ type: 'keepaliveAck', observed }),
  };
  const sealed = Array.from({ length: CLIENTS * KEEPALIVES }, () => {
    const counter = client.next();
    const header = headerOf({ type: 'sealed', session, counter });
    return { counter, header, bytes: client.seal(counter, header, plain.keepalive) };
  });
  const micros = cpuMicrosOf(() => {
    for (const { counter, header, bytes } of sealed) {
      opener.open(counter, header, bytes);
      server.seal(server.next(), header, plain.ack);
    }
  });
  return micros / sealed.length;
}

/** The operation that most of a handshake consists of. */
function costOfCurve({ publicKey, secretKey }: KeyPair): number {
  const shared = new Uint8Array(KEY_BYTES);
  const micros = cpuMicrosOf(() => {
    for (let time = 0; time < CLIENTS; time += 1) sodium.crypto_scalarmult(shared, secretKey, publicKey);
  });
  return micros / CLIENTS;
}

function cpuMicrosOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
