import { type Endpoint, formatEndpoint } from '../machines/endpoint.ts';
import type { ClientPhase, LinkPause, LinkPhase, RendezvousStatus } from '../runtime/index.ts';
import { DEFAULT_PORT } from '../runtime/resolve.ts';
import type { Outcome } from './exit.ts';

/** Everything a command has to say, as data. With `--json` it is printed as it is; people get {@link render}. */
export type Report =
  | {
      readonly type: 'listening';
      readonly endpoint: Endpoint;
      /** The server's public key and its fingerprint, unless it speaks protocol 1 only. */
      readonly key?: string;
      readonly fingerprint?: string;
    }
  | ({ readonly type: 'status' } & RendezvousStatus)
  | {
      readonly type: 'state';
      readonly of: 'client';
      readonly name: string;
      readonly protocol: 1 | 2;
      readonly state: ClientPhase;
      readonly server?: Endpoint;
      readonly elapsedMs: number;
      /** Why it is unregistered, where that is known. */
      readonly reason?: string;
    }
  | {
      readonly type: 'state';
      readonly of: 'link';
      readonly peer: string;
      readonly protocol: 1 | 2;
      readonly state: LinkPhase;
      readonly remote?: Endpoint;
      readonly elapsedMs: number;
      readonly reason?: string;
      readonly pause?: LinkPause;
    }
  | { readonly type: 'message'; readonly peer: string; readonly text: string }
  /** Nobody knows whether the peer has what was said. */
  | { readonly type: 'undelivered'; readonly peer: string; readonly text: string; readonly reason: string }
  /** The address of the page, which opens it once. */
  | { readonly type: 'inspector'; readonly url: string; readonly isStately?: true }
  | {
      readonly type: 'identity';
      readonly key: string;
      readonly fingerprint: string;
      readonly file: string;
      readonly isNew: boolean;
      /** What to give a friend, with `<name>` and `<server>` for what is missing. */
      readonly address: string;
      readonly missing: readonly ('name' | 'server')[];
    }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'end'; readonly outcome: Outcome; readonly code: number; readonly reason?: string };

/** A report for people, without the last line end; undefined for what they need not read. */
export function render(report: Report): string | undefined {
  switch (report.type) {
    case 'listening':
      return listeningText(report);
    case 'status':
      return renderStatus(report);
    case 'state':
      return `${milliseconds(report.elapsedMs).padStart(10)}  ${report.of === 'client' ? clientText(report) : linkText(report)}`;
    case 'message':
      return `${escapeText(report.peer)}: ${escapeText(report.text)}`;
    case 'undelivered':
      return `not delivered to ${escapeText(report.peer)}: ${escapeText(report.text)} (${escapeText(report.reason)})`;
    case 'inspector':
      return `Live charts: ${report.url} (on this machine only${report.isStately ? '; the browser loads the page of stately.ai' : ''})`;
    case 'identity':
      return identityText(report);
    case 'notice':
      return report.text;
    case 'end':
      return report.reason === undefined ? undefined : escapeText(report.reason);
  }
}

/** Text from the network with everything spelled out that could steer a terminal or turn the reading direction. */
export function escapeText(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** `0.42 ms`, `12.3 ms`, `1.25 s`: three figures, or two below 1 ms. */
export function milliseconds(ms: number): string {
  const [value, unit] = ms < 999.5 ? [ms, 'ms'] : [ms / 1000, 's'];
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(decimals)} ${unit}`;
}

/** A report as one line of JSON, in ASCII where a character could steer a terminal, without digits that no clock vouches for. */
export function toJson(report: object): string {
  const json = JSON.stringify(report, (key, value) =>
    key === 'elapsedMs' || key === 'unansweredMs' ? Math.round(value * 1000) / 1000 : value,
  );
  return json.replace(steering, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Controls, formatting characters such as those that turn the reading direction, and line separators. */
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function renderStatus(status: RendezvousStatus): string {
  const parts = [
    `${status.clients} ${status.clients === 1 ? 'client' : 'clients'}`,
    `${status.introductions} introduced`,
    `${total(status.refused)} refused${reasons(status.refused)}`,
    `${total(status.malformed)} malformed${reasons(status.malformed)}`,
  ];
  if (total(status.shed) > 0) parts.push(`${total(status.shed)} shed${reasons(status.shed)}`);
  if (status.overflows) parts.push(`${status.overflows} overflowed`);
  if (total(status.unsent) > 0) parts.push(`${total(status.unsent)} unsent${reasons(status.unsent)}`);
  return parts.join(' · ');
}

/** With the words that a client is started with: its user has nothing to trust then. */
function listeningText({ endpoint, key, fingerprint }: Extract<Report, { type: 'listening' }>): string {
  const listening = `listening at ${formatEndpoint(endpoint)}`;
  if (key === undefined || fingerprint === undefined) return listening;
  const isEverywhere = ['0.0.0.0', '::'].includes(endpoint.address);
  const host = isEverywhere ? '<host>' : formatEndpoint(endpoint).replace(/:\d+$/, '');
  const port = endpoint.port === DEFAULT_PORT ? '' : `:${endpoint.port}`;
  return [
    listening,
    `fingerprint  ${fingerprint}`,
    `for clients  punch client ${host}${port}#${key} <name>`,
  ].join('\n');
}

function identityText({ key, fingerprint, file, address }: Extract<Report, { type: 'identity' }>): string {
  return [
    `key          ${key}`,
    `fingerprint  ${fingerprint}`,
    `file         ${escapeText(file)}`,
    `address      ${escapeText(address)}`,
  ].join('\n');
}

function clientText({ name, protocol, state, server, reason }: Extract<Report, { of: 'client' }>): string {
  const where = server === undefined ? 'the server' : formatEndpoint(server);
  const texts: Record<ClientPhase, string> = {
    registering: `registering as ${escapeText(name)}`,
    knocking: `knocking at ${where}`,
    awaitingAck: `awaiting ack of ${where}`,
    refused: `refused by ${where}: the name is in use ${protocol === 1 ? 'from another address' : 'over protocol 1'}, or the server is full; asking again`,
    registered: `registered with ${where}`,
    unregistered: `unregistered: ${reason === undefined ? `${where} does not answer;` : escapeText(reason)} trying again, links live on`,
    failed: 'failed to register',
    stopped: 'stopped',
  };
  return texts[state];
}

function linkText({ peer, protocol, state, remote, pause }: Extract<Report, { of: 'link' }>): string {
  const name = escapeText(peer);
  const where = remote === undefined ? '' : ` at ${formatEndpoint(remote)}`;
  const texts: Record<LinkPhase, string> = {
    requesting: `requesting ${name}`,
    absent: `${name} ${protocol === 1 ? 'is not registered' : 'is not there, or does not take calls from you'}; asking again every 2 s`,
    punching: `punching to ${name}${where}${pauseText(name, pause)}`,
    connected: `connected to ${name}${where}${pauseText(name, pause)}`,
    lost: `lost ${name}: nothing heard for too long`,
    failed: `failed to reach ${name}`,
    left: `${name} has closed the link`,
    closed: `closed the link to ${name}`,
  };
  return texts[state];
}

/** Why there was a pause, and how long it was; or why there is one. */
function pauseText(name: string, pause: LinkPause | undefined): string {
  if (pause === undefined) return '';
  const { because, unansweredMs, hasPeerMoved } = pause;
  const lasting = milliseconds(unansweredMs);
  const reasons: Record<LinkPause['because'], string> = {
    noAnswer: '',
    networkChanged: 'this machine has come to another network',
    peerSeeks: hasPeerMoved ? '' : `${name} is looking for this machine`,
  };
  if (hasPeerMoved === undefined) {
    return ` again, with the same keys: ${[`no answer for ${lasting}`, reasons[because]].filter(Boolean).join(', ')}`;
  }
  const news = [reasons[because], hasPeerMoved ? `${name} has moved there` : ''].filter(Boolean);
  return ` again, after ${lasting} without an answer${news.length === 0 ? '' : `: ${news.join(', ')}`}`;
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function reasons(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts);
  return entries.length === 0
    ? ''
    : ` (${entries.map(([reason, count]) => `${reason} ${count}`).join(', ')})`;
}
