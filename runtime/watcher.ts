import type { InspectionEvent } from 'xstate';
import type { Endpoint } from '../machines/endpoint.ts';
import type { Letter, Stage } from './stage.ts';
import type { Transport } from './transport.ts';

/** Who looks on: what XState shows of the charts, and if it likes, the datagrams of their host. */
export type Watcher = {
  inspect(event: InspectionEvent): void;
  /** What is sealed in a datagram, from who seals it, before it is sent. */
  overhear?(datagram: Uint8Array, letter: Letter): void;
  /** `bytes` are valid during the call only, here and below. */
  sent?(local: Endpoint, to: Endpoint, bytes: Uint8Array, hops: number | undefined): void;
  received?(local: Endpoint, from: Endpoint, bytes: Uint8Array): void;
  /** The operating system would not send, by its code. */
  unsent?(to: Endpoint, code: string): void;
};

/** What a stage has for a watcher. */
export function stageFor(watcher: Watcher | undefined): Pick<Stage, 'inspect' | 'overhear'> {
  if (watcher === undefined) return {};
  return {
    inspect: (event) => watcher.inspect(event),
    ...(watcher.overhear === undefined
      ? {}
      : { overhear: (datagram, letter) => watcher.overhear?.(datagram, letter) }),
  };
}

/** A transport whose datagrams a watcher sees; the same one if it does not care. */
export function watchedTransport(transport: Transport, watcher: Watcher | undefined): Transport {
  if (watcher?.sent === undefined && watcher?.received === undefined) return transport;
  return {
    get local() {
      return transport.local;
    },
    send: (to, bytes, hops) => {
      watcher.sent?.(transport.local, to, bytes, hops);
      transport.send(to, bytes, hops);
    },
    listen: (receiver) =>
      transport.listen({
        datagram: (from, bytes) => {
          watcher.received?.(transport.local, from, bytes);
          receiver.datagram(from, bytes);
        },
        sendFailed: (to, code) => {
          watcher.unsent?.(to, code);
          receiver.sendFailed?.(to, code);
        },
      }),
    close: () => transport.close(),
  };
}

/** Several watchers as one; none if there are none. */
export function together(...watchers: readonly (Watcher | undefined)[]): Watcher | undefined {
  const present = watchers.filter((watcher) => watcher !== undefined);
  const [only] = present;
  if (present.length < 2) return only;
  return {
    inspect: (event) => {
      for (const watcher of present) watcher.inspect(event);
    },
    overhear: (datagram, letter) => {
      for (const watcher of present) watcher.overhear?.(datagram, letter);
    },
    sent: (local, to, bytes, hops) => {
      for (const watcher of present) watcher.sent?.(local, to, bytes, hops);
    },
    received: (local, from, bytes) => {
      for (const watcher of present) watcher.received?.(local, from, bytes);
    },
    unsent: (to, code) => {
      for (const watcher of present) watcher.unsent?.(to, code);
    },
  };
}
