import { type Ambient, realAmbient, wallClockOrigin } from '../ambient.ts';
import type { Watcher } from '../watcher.ts';
import { DatagramTap } from './datagrams.ts';
import { pageUrl } from './gate.ts';
import type { Line } from './lines.ts';
import { markerOf } from './marks.ts';
import type { SourceIdentity, Times } from './records.ts';
import { newChallenge, type Secret, userSecret } from './secret.ts';
import { Source } from './source.ts';
import { Tap } from './tap.ts';

/** The TCP port of the page, the same for all processes, since that is where they meet. */
export const INSPECTOR_PORT = 39_739;

export type InspectionOptions = {
  /** Role and name, such as `client alice`. */
  readonly label: string;
  /** What the ids of actors begin with, where that is not the label. */
  readonly prefix?: string;
  /** Default 39739; 0 means any free port. */
  readonly port?: number;
  readonly ambient?: Ambient;
  /** What the processes on one page share. Default: this user's, kept in the directory for temporary files. */
  readonly secret?: Secret;
};

export type Inspection = Required<Watcher> & {
  /** The page to open in a browser on this machine. Each time it is read it is another address, good once. */
  readonly url: string;
  /** Whether this process serves the page: then it ends with it, unless another takes over. */
  readonly isServingPage: boolean;
  /** Waits until everything that was seen is on its way to the page. */
  close(): Promise<void>;
};

/**
 * Streams charts and datagrams to the page, together with all other processes of this user that do the same. Rejects
 * with a {@link PunchError} when the port or the user's secret is not to be had.
 */
export async function startInspection(options: InspectionOptions): Promise<Inspection> {
  const { label, prefix = label, port = INSPECTOR_PORT, ambient = realAmbient } = options;
  const secret = options.secret ?? (await userSecret());
  const startedAt = ambient.clock.now();
  const tap: Tap = new Tap({
    clock: ambient.clock,
    startedAt,
    label: prefix,
    publish: (lines) => source.publish(lines),
  });
  const identity = identityOf(label, wallClockOrigin() + startedAt, 'real', false);
  const source = await Source.open({
    ...ambient,
    port,
    secret,
    identity,
    asked: (request) => tap.asked(request),
  });
  const datagrams = new DatagramTap(tap, markerOf(secret));
  let isOpen = true;
  const whileOpen =
    <Given extends readonly unknown[]>(take: (...given: Given) => void) =>
    (...given: Given) => {
      if (isOpen) take(...given);
    };
  return {
    get url() {
      return pageUrl(source.port, secret);
    },
    get isServingPage() {
      return source.isHub;
    },
    inspect: whileOpen((event) => tap.inspect(event)),
    overhear: whileOpen((datagram, letter) => datagrams.overhear(datagram, letter)),
    sent: whileOpen((local, to, bytes, hops) => datagrams.sent(local, to, bytes, hops)),
    received: whileOpen((local, from, bytes) => datagrams.received(local, from, bytes)),
    unsent: whileOpen((to, code) => datagrams.unsent(to, code)),
    close: async () => {
      isOpen = false;
      tap.queue.flush();
      await source.close();
    },
  };
}

export type ExhibitionOptions = Omit<InspectionOptions, 'prefix'> & { readonly times: Times };

export type Exhibition = Pick<Inspection, 'url' | 'isServingPage' | 'close'> & {
  publish(lines: readonly Line[]): void;
};

/** Shows what is over already, and is kept whole; or, without publishing anything, just the page. */
export async function openExhibition(options: ExhibitionOptions): Promise<Exhibition> {
  const { label, times, port = INSPECTOR_PORT, ambient = realAmbient } = options;
  const secret = options.secret ?? (await userSecret());
  const identity = identityOf(label, wallClockOrigin() + ambient.clock.now(), times, true);
  const source = await Source.open({ ...ambient, port, secret, identity });
  return {
    get url() {
      return pageUrl(source.port, secret);
    },
    get isServingPage() {
      return source.isHub;
    },
    publish: (lines) => source.publish(lines),
    close: () => source.close(),
  };
}

export function identityOf(
  label: string,
  startedAt: number,
  times: Times,
  isRecorded: boolean,
): SourceIdentity {
  return { id: newChallenge().slice(0, 16), label, pid: process.pid, startedAt, times, isRecorded };
}
