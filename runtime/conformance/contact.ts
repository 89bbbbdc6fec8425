import { isIpv6, sameAddress } from '../../machines/endpoint.ts';
import { decode, encode, type Message } from '../../machines/wire.ts';
import { PunchError } from '../errors.ts';
import { Names, type Role } from './cast.ts';
import { Lane, type LaneOptions } from './lane.ts';
import type { Arrival } from './line.ts';

/** What must be known of a server, and of the way to it, before it can be judged. */
export type Contact =
  | { readonly type: 'silent' }
  /** It gives no name, not even one that nobody has. */
  | { readonly type: 'refusing' }
  | {
      readonly type: 'answering';
      /** It sees other addresses than ours. */
      readonly isBehindNat: boolean;
      /** Why nobody at another IP address can take part; undefined where somebody can. */
      readonly notAbroad: string | undefined;
    };

/** Says hello to a server. Rejects with a `PunchError` when no socket can be opened here. */
export async function makeContact(options: LaneOptions & { readonly run: string }): Promise<Contact> {
  const lane = new Lane(options);
  const names = new Names(options.run, 'contact');
  const ask = async (role: Role, message: Extract<Message, { readonly name: string }>) =>
    (await lane.exchange(role, encode(names.spell(message)), isAnything)).arrivals;
  /** Where the server sees a part, as it tells the client. */
  const whereIs = async (role: Role, name: string) => {
    await ask(role, { type: 'register', name });
    const arrivals = await ask('client', { type: 'holePunchRequest', name });
    for (const { role, bytes } of arrivals) {
      const message = decode(bytes);
      if (role === 'client' && typeof message !== 'string' && message.type === 'holePunchInitiate')
        return message.remote;
    }
    return undefined;
  };

  const first = await ask('client', { type: 'register', name: 'alice' });
  if (first.length === 0) return { type: 'silent' };
  if (first.every(isRefusal)) return { type: 'refusing' };
  const peer = await whereIs('peer', 'bob');
  const isLocal = isLoopback(options.server.address);
  const isBehindNat = !isLocal && peer !== undefined && !sameAddress(peer, await lane.place('peer'));
  return { type: 'answering', isBehindNat, notAbroad: await whyNotAbroad() };

  async function whyNotAbroad(): Promise<string | undefined> {
    try {
      const local = await lane.place('stranger');
      const stranger = isLocal ? undefined : await whereIs('stranger', 'carol');
      return stranger !== undefined && peer !== undefined && sameAddress(stranger, peer)
        ? `the server sees ${local.address} and our first address as one, ${peer.address}`
        : undefined;
    } catch (error) {
      if (!(error instanceof PunchError)) throw error;
      return `${error.message.slice(0, 1).toLowerCase()}${error.message.slice(1).replace(/\.$/, '')}`;
    }
  }
}

/** Whether what is sent to an address stays on this machine. */
export function isLoopback(address: string): boolean {
  return isIpv6(address) ? address === '::1' : address.startsWith('127.');
}

function isAnything(arrivals: readonly Arrival[]): boolean {
  return arrivals.length > 0;
}

function isRefusal({ bytes }: Arrival): boolean {
  const message = decode(bytes);
  return typeof message !== 'string' && message.type === 'holePunchResponseUnknown';
}
