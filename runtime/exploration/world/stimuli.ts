/** The numbers of the stimuli that the hosts use. */
import { ownerOf } from './places.ts';
import type { Role, Setting } from './setting.ts';

export function stimuliOf({ places, packets, clients, links, session }: Setting) {
  const client = clients[0];
  const link = links[0];
  const each = Array.from({ length: places.count }, (_, place) => place);
  const said = packets.list.map(({ kind, from, to, remote }) => {
    const who = ownerOf(places, to);
    const sender = from === places.server ? 'server' : 'stranger';
    if (kind === 'ack' || kind === 'unknown') return client.stimulus(`${kind} ${sender}`);
    if (kind === 'initiate') return client.stimulus(`initiate ${sender} ${remote}`);
    return kind === 'greeting' || kind === 'speech' ? (links[who] as Role).stimulus(`${kind} ${from}`) : -1;
  });
  const meeting = (kind: string) =>
    [0, 1, 2].flatMap((name) => each.map((place) => session.stimulus(`${kind} ${name} ${place}`)));
  return {
    opened: client.stimulus('opened'),
    stop: client.stimulus('stop'),
    disappointed: link.stimulus('disappointed'),
    missing: session.stimulus('missing'),
    replaced: session.stimulus('replaced'),
    said: [-1, ...said],
    introduced: each.map((place) => link.stimulus(`introduced ${place}`)),
    request: [0, 1, 2].map((name) => session.stimulus(`request ${name}`)),
    register: each.map((place) => session.stimulus(`register ${place}`)),
    calls: meeting('calls'),
    found: meeting('found'),
  };
}
