/** The packets in flight, as a set in a row's last fields up to `end`: their numbers in falling order, then zeros. */
import { FLIGHT } from './fields.ts';

/** Adds a packet; in vain, if it is there already or there are too many. */
export function putInFlight(row: Int32Array, end: number, packet: number): void {
  if (row[end - 1] !== 0) return;
  let at = FLIGHT;
  while ((row[at] as number) > packet) at += 1;
  if (row[at] === packet) return;
  for (let index = end - 1; index > at; index -= 1) row[index] = row[index - 1] as number;
  row[at] = packet;
}

/** Removes a packet, which is there. */
export function takeFromFlight(row: Int32Array, end: number, packet: number): void {
  let at = FLIGHT;
  while (row[at] !== packet) at += 1;
  for (; at < end - 1; at += 1) row[at] = row[at + 1] as number;
  row[end - 1] = 0;
}
