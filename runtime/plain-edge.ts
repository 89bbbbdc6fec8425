import type { ClientEvent, ClientOutput } from '../machines/client.ts';
import { type Endpoint, sameEndpoint } from '../machines/endpoint.ts';
import { PUNCH_BUDGET_MS } from '../machines/timing.ts';
import { decode, encode, type Message } from '../machines/wire.ts';
import type { Edge, EdgeSurroundings } from './edge.ts';
import { PunchError } from './errors.ts';
import { type LinkEdge, LinkHost, type LinkRequest, textFault } from './link.ts';
import { Links } from './links.ts';

/** The edge of protocol 1: every message is a datagram as it is, and who sent it is told by its address alone. */
export class PlainEdge implements Edge, LinkEdge {
  readonly protocol = 1;
  readonly observed = undefined;
  readonly #surroundings: EdgeSurroundings;
  readonly #links = new Links();

  constructor(surroundings: EdgeSurroundings) {
    this.#surroundings = surroundings;
  }

  receive(from: Endpoint, bytes: Uint8Array): void {
    const message = decode(bytes);
    if (typeof message === 'string') return this.#count(`malformed.${message}`);
    switch (message.type) {
      case 'registerAck':
        return this.#fromServer({
          type: 'datagram.registerAck',
          from,
          jitter: this.#surroundings.stage.random(),
        });
      case 'holePunchResponseUnknown':
        return this.#fromServer({ type: 'datagram.holePunchResponseUnknown', from });
      case 'holePunchInitiate':
        return this.#fromServer({
          type: 'datagram.holePunchInitiate',
          from,
          name: message.name,
          remote: message.remote,
        });
      case 'message':
        return this.#hear(from, message.text) ? undefined : this.#count('ignored.stranger');
      default:
        return this.#count('ignored.notForClients');
    }
  }

  perform(effect: Exclude<ClientOutput, { readonly type: 'failed' }> | LinkRequest): void {
    switch (effect.type) {
      case 'transmit':
        return this.#surroundings.send(
          effect.to,
          encode(effect.message as Message),
          'hops' in effect ? effect.hops : undefined,
        );
      case 'introduce':
        return this.#introduce(effect.name, effect.remote);
      // The server cannot introduce, and does not say whom: all who ask are told.
      case 'disappoint':
        for (const link of this.#links) link.tell({ type: 'disappointed' });
        return;
      default:
        throw new Error(`protocol 1 has no ${effect.type}`);
    }
  }

  link(peer: string, server: Endpoint, key: Uint8Array | undefined): LinkHost {
    if (key !== undefined) {
      throw new PunchError('unsupported', 'Protocol 1 has no keys. Give this peer a key, or name none.');
    }
    return this.#links.named(peer) ?? this.#open(peer, server, null);
  }

  networkChanged(): void {
    this.#surroundings.tell({ type: 'network.changed' });
  }

  close(): void {
    for (const link of this.#links) link.close();
  }

  send(link: LinkHost, text: string): Promise<void> {
    if (link.state !== 'connected') throw link.notConnected();
    const fault = textFault(text, this.#surroundings.name);
    if (fault !== undefined) throw new PunchError('badText', fault);
    link.tell({ type: 'say', text });
    return Promise.resolve();
  }

  sendDatagram(): void {
    throw new PunchError(
      'unsupported',
      'Protocol 1 carries texts only. Use `send`, or give both peers keys.',
    );
  }

  ended(link: LinkHost): void {
    this.#links.remove(link);
  }

  /** Whether the server really sent it is for the chart to judge; here it is only counted. */
  #fromServer(event: Extract<ClientEvent, { readonly from: Endpoint }>): void {
    const server = this.#surroundings.server();
    if (server === undefined || !sameEndpoint(event.from, server)) this.#count('ignored.notFromServer');
    this.#surroundings.tell(event);
  }

  #introduce(peer: string, remote: Endpoint): void {
    const known = this.#links.named(peer);
    if (known !== undefined) return known.tell({ type: 'introduced', remote });
    const server = this.#surroundings.server();
    if (server === undefined) return;
    if (this.#links.isFull) return this.#count('ignored.tooManyLinks');
    this.#surroundings.called(this.#open(peer, server, remote));
  }

  /** A new link: to the address that the server has introduced, or, with null, one that asks for an introduction. */
  #open(peer: string, server: Endpoint, remote: Endpoint | null): LinkHost {
    const { stage, name, timeoutMs } = this.#surroundings;
    const punchBudgetMs = Math.min(timeoutMs, PUNCH_BUDGET_MS);
    const link = new LinkHost(
      stage,
      { name, peer, server, remote, patienceMs: timeoutMs, punchBudgetMs },
      this,
    );
    if (!link.isOver) this.#links.enter(link);
    return link;
  }

  /** Hands a message to the link it belongs to. False if it is nobody's. */
  #hear(from: Endpoint, text: string): boolean {
    const links = [...this.#links];
    const certain = links.filter((link) => link.expects(from) === 'exactly');
    const addressees =
      certain.length > 0 ? certain : links.filter((link) => link.expects(from) === 'perhaps');
    for (const link of addressees) link.tell({ type: 'datagram.message', from, text });
    return certain.length > 0 || addressees.some((link) => link.expects(from) === 'exactly');
  }

  #count(reason: string): void {
    this.#surroundings.counters.count(reason);
  }
}
