import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../ambient.ts';
import { Counters } from '../counters.ts';
import type { Board } from './board.ts';
import { Company } from './company.ts';
import { Drawings } from './drawings.ts';
import { type Errand, examine, LOOPBACK, nonceOf, type Refusal, viewerKey } from './gate.ts';
import { admittedSource, hubHeaders, SAID_BYTES_MAX } from './handshake.ts';
import type { HubRequest } from './interest.ts';
import { LINE_LENGTH_MAX, type Line } from './lines.ts';
import { fileFor, headersFor } from './page-files.ts';
import type { SourceIdentity } from './records.ts';
import { newChallenge, type Secret } from './secret.ts';
import { closeAll } from './sockets.ts';
import { UsedTickets } from './used-tickets.ts';

/** Browsers and inspected processes at once, together. */
const CONNECTIONS_MAX = 256;

/** The longest message of a source: some lines, of which one may be long. */
const MESSAGE_BYTES_MAX = 4 * LINE_LENGTH_MAX;

/** How long the last lines may take to reach those who are connected. */
const CLOSE_PATIENCE_MS = 1_000;

export type HubOptions = {
  /** 0 means any free port. */
  readonly port: number;
  readonly secret: Secret;
  readonly clock: Clock;
  /** Tickets that were used at the hub before this one. */
  readonly used?: UsedTickets;
};

export type HubStatus = {
  readonly sources: number;
  readonly viewers: number;
  /** Living actors that late viewers are told of. */
  readonly actors: number;
  /** Requests and connections that were turned away, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Lines of sources and words of viewers that were not passed on, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
};

/**
 * Where inspected processes and the page meet. Passes on to viewers what sources say. A viewer can say what it looks
 * at and searches for, and nothing else: there is no way to an actor. Sources are processes of this user, which prove
 * that they share its secret; viewers are browsers at the page that the hub itself serves.
 */
export class Hub {
  readonly port: number;
  readonly #http: Server;
  readonly #secret: Secret;
  readonly #clock: Clock;
  readonly #counters = new Counters();
  readonly #company = new Company(this.#counters);
  readonly #drawings = new Drawings();
  readonly #used: UsedTickets;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX });
  readonly #challenges = new WeakMap<IncomingMessage, string>();

  /** Starts a hub at the loopback address, and nowhere else. Rejects with the operating system's error. */
  static open(options: HubOptions): Promise<Hub> {
    const http = createServer();
    http.maxConnections = CONNECTIONS_MAX;
    return new Promise((resolve, reject) => {
      http.on('error', reject);
      http.listen(options.port, LOOPBACK, () => resolve(new Hub(http, options)));
    });
  }

  private constructor(http: Server, { secret, clock, used = new UsedTickets() }: HubOptions) {
    this.port = (http.address() as AddressInfo).port;
    this.#http = http;
    this.#secret = secret;
    this.#clock = clock;
    this.#used = used;
    http.on('request', (request, response) => this.#answer(request, response));
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#sockets.on('headers', (headers, request) => {
      const challenge = this.#challenges.get(request);
      if (challenge !== undefined) headers.push(...hubHeaders(request, challenge, this.port, secret));
    });
  }

  status(): HubStatus {
    return {
      ...this.#company.status(),
      refused: this.#counters.under('refused'),
      dropped: this.#counters.under('dropped'),
    };
  }

  /** A source in this process, which keeps its board itself. The result passes on what it has recorded there. */
  join(
    identity: SourceIdentity,
    board: Board,
    heed: (request: HubRequest) => void,
  ): (lines: readonly Line[]) => void {
    return this.#company.join(identity, board, heed);
  }

  /** Lets the last lines out, then frees the port. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    await closeAll(this.#sockets.clients, this.#clock, CLOSE_PATIENCE_MS);
    this.#http.closeAllConnections();
    this.#drawings.close();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const granted = examine(request, this.port, this.#secret);
    const errand = 'errand' in granted ? granted.errand : undefined;
    switch (errand?.for) {
      case 'file':
        return this.#sendFile(errand.path, request, response);
      case 'key':
        return this.#exchange(request, response);
      case 'drawing':
        return void this.#draw(errand, request, response);
      default:
        this.#refuse('refusal' in granted ? granted.refusal : 'noPage', response);
    }
  }

  #sendFile(path: string, request: IncomingMessage, response: ServerResponse): void {
    const file = fileFor(path);
    if (file === undefined) return this.#refuse('noPage', response);
    response.writeHead(200, headersFor(file, String(request.headers.host))).end(file.content);
  }

  /** A ticket is good once. */
  #exchange(request: IncomingMessage, response: ServerResponse): void {
    let ticket = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      ticket = (ticket + text).slice(0, SAID_BYTES_MAX);
    });
    request.on('end', () => {
      const nonce = nonceOf(ticket, this.port, this.#secret);
      if (nonce === undefined || !this.#used.use(nonce)) return this.#refuse('noKey', response);
      this.#company.tellSources({ used: nonce });
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
      response.end(viewerKey(this.port, this.#secret));
    });
  }

  async #draw(
    { source, chart }: Extract<Errand, { for: 'drawing' }>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const definition = this.#company.definitionOf(source, chart);
    const drawing = definition === undefined ? undefined : await this.#drawings.of(definition);
    if (drawing === undefined) return this.#refuse('noPage', response);
    const content = Buffer.from(JSON.stringify(drawing));
    const type = 'application/json; charset=utf-8';
    response.writeHead(200, headersFor({ type, content }, String(request.headers.host))).end(content);
  }

  #refuse(reason: Refusal, response: ServerResponse): void {
    this.#counters.count(`refused.${reason}`);
    const status = reason === 'noPage' ? 404 : 403;
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('Run punch inspect, and open the whole address that it prints. It opens the page once.\n');
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const granted = examine(request, this.port, this.#secret);
    const errand = 'errand' in granted ? granted.errand.for : undefined;
    if (errand === 'view') {
      this.#sockets.handleUpgrade(request, socket, head, (viewer) => this.#company.admitViewer(viewer));
      return;
    }
    if (errand === 'source') {
      const challenge = newChallenge();
      this.#challenges.set(request, challenge);
      this.#sockets.handleUpgrade(request, socket, head, (source) => this.#question(source, challenge));
      return;
    }
    this.#counters.count(`refused.${'refusal' in granted ? granted.refusal : 'noPage'}`);
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }

  #question(socket: WebSocket, challenge: string): void {
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isTooLong = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      this.#counters.count(isTooLong ? 'dropped.tooLong' : 'dropped.broken');
    });
    socket.once('message', (data) => {
      const identity: SourceIdentity | undefined = admittedSource(
        String(data),
        challenge,
        this.port,
        this.#secret,
      );
      if (identity !== undefined) return this.#company.admitSource(socket, identity);
      this.#counters.count('refused.noProof');
      socket.close(1008);
    });
  }
}
