/** Counts what the server sends for one datagram, and says whether some address gets more than it gave. */
import type { Packet } from './packets.ts';
import { REGISTER_AMPLIFIED, REQUEST_AMPLIFIED } from './signs.ts';

export type Meter = {
  count(to: number, bytes: number): void;
  /** The sign of what was sent for this packet, 0 if it was no more than that. Begins anew. */
  read(packet: Packet): number;
};

export function createMeter(places: number): Meter {
  const sentDatagrams = new Int32Array(places);
  const sentBytes = new Int32Array(places);
  return {
    count: (to, bytes) => {
      sentDatagrams[to] = (sentDatagrams[to] as number) + 1;
      sentBytes[to] = (sentBytes[to] as number) + bytes;
    },
    read: ({ from, bytes, kind }) => {
      let sign = 0;
      for (let place = 0; place < places; place += 1) {
        const isMore =
          (sentDatagrams[place] as number) > (place === from ? 1 : 0) ||
          (sentBytes[place] as number) > (place === from ? bytes : 0);
        if (isMore) sign = kind === 'register' ? REGISTER_AMPLIFIED : REQUEST_AMPLIFIED;
        sentDatagrams[place] = 0;
        sentBytes[place] = 0;
      }
      return sign;
    },
  };
}
