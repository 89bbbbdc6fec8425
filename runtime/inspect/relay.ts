import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../ambient.ts';
import { Counters } from '../counters.ts';
import { Board } from './board.ts';
import { bridgeHeaders, bridgePage } from './bridge-page.ts';
import { Follower } from './follower.ts';
import { FRAME_BYTES_MAX, readFrame } from './frames.ts';
import { examine, LOOPBACK, pageUrl } from './gate.ts';
import { admittedPrefix, relayHeaders } from './handshake.ts';
import { newChallenge, type Secret } from './secret.ts';
import { closeAll } from './sockets.ts';

/** Browsers and inspected processes at once, together. */
const CONNECTIONS_MAX = 256;

/** How long the last frames may take to reach those who are connected. */
const CLOSE_PATIENCE_MS = 1_000;

export type RelayOptions = {
  /** 0 means any free port. */
  readonly port: number;
  readonly secret: Secret;
  readonly clock: Clock;
};

export type RelayStatus = {
  readonly sources: number;
  readonly viewers: number;
  /** Live actors that late viewers are told of. */
  readonly actors: number;
  /** Requests and connections that were turned away, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Frames of sources that were not passed on, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
};

/**
 * Passes on to viewers what sources say, and nothing the other way. Sources are processes of this user, which prove
 * that they share its secret; viewers are browsers at the page that the relay itself serves.
 */
export class Relay {
  readonly port: number;
  readonly url: string;
  readonly #http: Server;
  readonly #secret: Secret;
  readonly #clock: Clock;
  readonly #board = new Board();
  readonly #counters = new Counters();
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX });
  readonly #challenges = new WeakMap<IncomingMessage, string>();
  readonly #sources = new Map<string, WebSocket>();
  readonly #viewers = new Map<WebSocket, Follower>();

  /** Starts a relay at the loopback address, and nowhere else. Rejects with the operating system's error. */
  static open(options: RelayOptions): Promise<Relay> {
    const http = createServer();
    http.maxConnections = CONNECTIONS_MAX;
    return new Promise((resolve, reject) => {
      http.on('error', reject);
      http.listen(options.port, LOOPBACK, () => resolve(new Relay(http, options)));
    });
  }

  private constructor(http: Server, { secret, clock }: RelayOptions) {
    this.port = (http.address() as AddressInfo).port;
    this.url = pageUrl(this.port, secret);
    this.#http = http;
    this.#secret = secret;
    this.#clock = clock;
    http.on('request', (request, response) => this.#answer(request, response));
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#sockets.on('headers', (headers, request) => {
      const challenge = this.#challenges.get(request);
      if (challenge !== undefined) headers.push(...relayHeaders(request, challenge, this.port, secret));
    });
  }

  status(): RelayStatus {
    return {
      sources: this.#sources.size,
      viewers: this.#viewers.size,
      actors: this.#board.size,
      refused: this.#counters.under('refused'),
      dropped: this.#counters.under('dropped'),
    };
  }

  /** Lets the last frames out, then frees the port. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    await closeAll(this.#sockets.clients, this.#clock, CLOSE_PATIENCE_MS);
    this.#http.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const granted = examine(request, this.port, this.#secret);
    if ('errand' in granted && granted.errand === 'page') {
      response.writeHead(200, bridgeHeaders(String(request.headers.host))).end(bridgePage);
      return;
    }
    this.#counters.count(`refused.${'refusal' in granted ? granted.refusal : 'noPage'}`);
    response.writeHead(403, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('Open the whole address that punch --inspect has printed.\n');
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const granted = examine(request, this.port, this.#secret);
    if ('refusal' in granted || granted.errand === 'page') {
      this.#counters.count(`refused.${'refusal' in granted ? granted.refusal : 'noPage'}`);
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    if (granted.errand === 'view') {
      this.#sockets.handleUpgrade(request, socket, head, (viewer) => this.#admitViewer(viewer));
      return;
    }
    const challenge = newChallenge();
    this.#challenges.set(request, challenge);
    this.#sockets.handleUpgrade(request, socket, head, (source) => this.#questionSource(source, challenge));
  }

  /** What a viewer sends is not listened to: nothing can be said to an actor. */
  #admitViewer(viewer: WebSocket): void {
    viewer.on('error', () => {});
    viewer.on('close', () => this.#viewers.delete(viewer));
    this.#viewers.set(viewer, new Follower(viewer, this.#board));
  }

  #questionSource(source: WebSocket, challenge: string): void {
    source.on('error', (error: NodeJS.ErrnoException) => {
      const isTooLong = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      this.#counters.count(isTooLong ? 'dropped.tooLong' : 'dropped.broken');
    });
    source.once('message', (data) => {
      const prefix = admittedPrefix(String(data), challenge, this.port, this.#secret);
      if (prefix !== undefined) return this.#admitSource(source, prefix);
      this.#counters.count('refused.noProof');
      source.close(1008);
    });
  }

  #admitSource(source: WebSocket, prefix: string): void {
    this.#sources.set(prefix, source);
    source.on('message', (data) => this.#pass(String(data), prefix));
    source.on('close', () => {
      if (this.#sources.get(prefix) !== source) return;
      this.#sources.delete(prefix);
      this.#board.forget(prefix);
    });
  }

  #pass(text: string, prefix: string): void {
    const frame = readFrame(text, prefix);
    if (typeof frame === 'string') return this.#counters.count(`dropped.${frame}`);
    this.#board.record(frame);
    for (const viewer of this.#viewers.values()) viewer.follow(frame);
  }
}
