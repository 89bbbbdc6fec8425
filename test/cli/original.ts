/**
 * The original programs, imitated from what is known of their source: they send nothing twice, check no sender, block
 * for the answer they expect, and die of whatever else comes then and of whatever they cannot decode.
 */
import type { Socket } from 'node:dgram';
import { type Endpoint, sameEndpoint } from '../../machines/endpoint.ts';
import { pause, realAmbient } from '../../runtime/ambient.ts';
import { fromBytes, type OriginalMessage, toBytes } from './original-wire.ts';
import { bindSocket } from './sockets.ts';

const SECOND_MS = 1000;

type Arrival = { readonly from: Endpoint; readonly message: OriginalMessage };

/** What both programs have: one socket that one thread reads. */
class Original {
  readonly endpoint: Endpoint;
  /** What would have ended the program. */
  readonly deaths: string[] = [];
  /** What has reached the socket, whether it was read yet or not. */
  readonly arrivals: Arrival[] = [];
  readonly #socket: Socket;
  readonly #unread: Arrival[] = [];
  readonly #closing = new AbortController();
  #news: () => void = () => {};

  constructor(socket: Socket) {
    const { address, port } = socket.address();
    this.endpoint = { address, port };
    this.#socket = socket;
    socket.once('close', () => {
      this.#closing.abort();
      this.#news();
    });
    socket.on('message', (bytes, { address, port }) => {
      try {
        const arrival = { from: { address, port }, message: fromBytes(bytes) };
        this.arrivals.push(arrival);
        this.#unread.push(arrival);
      } catch (error) {
        this.deaths.push(`${bytes.toString('hex')}: ${error}`);
      }
      this.#news();
    });
  }

  get isOpen(): boolean {
    return !this.#closing.signal.aborted;
  }

  close(): void {
    this.#closing.abort();
    this.#socket.close();
  }

  protected send({ address, port }: Endpoint, message: OriginalMessage): void {
    if (this.isOpen) this.#socket.send(toBytes(message), port, address);
  }

  protected sleep(ms: number): Promise<void> {
    return pause(realAmbient.clock, ms, this.#closing.signal);
  }

  /** The next datagram; undefined when there was none in time, or when the program is closed. */
  protected async receive(timeoutMs?: number): Promise<Arrival | undefined> {
    if (this.#unread.length === 0 && this.isOpen) {
      const news = new Promise<void>((resolve) => {
        this.#news = resolve;
      });
      await (timeoutMs === undefined ? news : Promise.race([news, this.sleep(timeoutMs)]));
    }
    return this.#unread.shift();
  }
}

/** `client <server> <name> [peer]` of the original. */
export class OriginalClient extends Original {
  readonly #name: string;
  readonly #server: Endpoint;
  readonly #printed = new Map<string, () => void>();

  static async start(server: Endpoint, name: string, peer?: string): Promise<OriginalClient> {
    const client = new OriginalClient(await bindSocket(), server, name);
    await client.#register();
    void client.#live(peer);
    return client;
  }

  private constructor(socket: Socket, server: Endpoint, name: string) {
    super(socket);
    this.#server = server;
    this.#name = name;
  }

  /** Resolves when the program prints that text of its peer. */
  prints(text: string): Promise<void> {
    return new Promise((resolve) => this.#printed.set(text, resolve));
  }

  async #register(): Promise<void> {
    this.send(this.#server, { variant: 'Register', name: this.#name });
    const answer = await this.receive();
    if (answer?.message.variant !== 'RegisterAck') this.#die('RegisterAck', answer);
  }

  async #live(peer: string | undefined): Promise<void> {
    const remote = peer === undefined ? await this.#wait() : await this.#ask(peer);
    while (remote !== undefined && this.isOpen) {
      this.send(remote, { variant: 'Message', text: `Hello from ${this.#name}` });
      const heard = await this.receive(SECOND_MS);
      if (heard?.message.variant === 'Message') this.#print(heard.message.text);
      await this.sleep(SECOND_MS);
    }
  }

  async #wait(): Promise<Endpoint | undefined> {
    while (this.isOpen) {
      const arrival = await this.receive();
      if (arrival?.message.variant === 'HolePunchInitiate') return arrival.message.remote;
    }
    return undefined;
  }

  async #ask(peer: string): Promise<Endpoint | undefined> {
    while (this.isOpen) {
      this.send(this.#server, { variant: 'HolePunchRequest', name: peer });
      const answer = await this.receive();
      if (answer?.message.variant === 'HolePunchInitiate') return answer.message.remote;
      if (answer?.message.variant !== 'HolePunchResponseUnknown') this.#die('the introduction', answer);
      await this.sleep(2 * SECOND_MS);
    }
    return undefined;
  }

  #print(text: string): void {
    this.#printed.get(text)?.();
  }

  #die(wanted: string, got: Arrival | undefined): void {
    if (this.isOpen) this.deaths.push(`${got?.message.variant} instead of ${wanted}`);
  }
}

/** `server` of the original. */
export class OriginalServer extends Original {
  readonly #clients = new Map<string, Endpoint>();

  static async start(): Promise<OriginalServer> {
    const server = new OriginalServer(await bindSocket());
    void server.#serve();
    return server;
  }

  async #serve(): Promise<void> {
    while (this.isOpen) {
      const arrival = await this.receive();
      if (arrival?.message.variant === 'Register') this.#register(arrival.from, arrival.message.name);
      if (arrival?.message.variant === 'HolePunchRequest')
        this.#introduce(arrival.from, arrival.message.name);
    }
  }

  #register(from: Endpoint, name: string): void {
    this.#clients.set(name, from);
    this.send(from, { variant: 'RegisterAck' });
  }

  #introduce(from: Endpoint, peer: string): void {
    const [name] = [...this.#clients].find(([, endpoint]) => sameEndpoint(endpoint, from)) ?? [];
    const remote = this.#clients.get(peer);
    if (name === undefined || remote === undefined) {
      return this.send(from, { variant: 'HolePunchResponseUnknown' });
    }
    this.send(remote, { variant: 'HolePunchInitiate', name, remote: from });
    this.send(from, { variant: 'HolePunchInitiate', name: peer, remote });
  }
}
