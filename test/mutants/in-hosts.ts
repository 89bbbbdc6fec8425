import { inFile, type Mutant } from './mutant.ts';

/** Faults in what carries the protocol: hosts, tables, sockets. */
export const inHosts: readonly Mutant[] = [
  ...inFile('runtime/rendezvous.ts', [
    {
      fault: 'What a source sends beyond its budget is counted, and served',
      text: `if (!this.#admission.admits(from)) return this.#counters.count('refused.tooMany');`,
      becomes: `if (!this.#admission.admits(from)) this.#counters.count('refused.tooMany');`,
    },
    {
      fault: 'A full server turns away those it knows, and lets newcomers in',
      text: 'neighbour === undefined && this.#directory.isFull',
      becomes: 'neighbour !== undefined && this.#directory.isFull',
    },
    {
      fault: 'A client that has moved is still looked up at its old port',
      text: 'return this.#directory.move(name, effect.to);',
      becomes: 'return;',
    },
    {
      fault: 'Only the first of the events that a datagram has caused is carried out',
      text: 'for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) next();',
      becomes: 'this.#inbox.shift()?.();',
    },
  ]),
  ...inFile('runtime/plain-edge.ts', [
    {
      fault: 'The hop limit of the opener does not reach the socket',
      text: `'hops' in effect ? effect.hops : undefined`,
      becomes: 'undefined',
    },
    {
      fault: 'An introduction opens another link, though there is one to that peer',
      text: `    if (known !== undefined) return known.tell({ type: 'introduced', remote });\n`,
      becomes: '    if (known?.isOver) return;\n',
    },
    {
      fault: 'A server can make a client open links without bound',
      text: `if (this.#links.isFull) return this.#count('ignored.tooManyLinks');`,
      becomes: `if (this.#links.isFull) this.#count('ignored.tooManyLinks');`,
    },
    {
      fault: 'What one peer says reaches every link that punches towards its address',
      text: 'certain.length > 0 ? certain : links',
      becomes: 'certain.length > 1 ? certain : links',
    },
  ]),
  ...inFile('runtime/peer.ts', [
    {
      fault: 'A peer that is closed goes on registering',
      text: `    this.#chart.send({ type: 'stop' });\n`,
      becomes: '',
    },
    {
      fault: 'An aborted connect leaves its link behind',
      text: `      if (signal?.aborted) link.close();\n`,
      becomes: '',
    },
  ]),
  ...inFile('runtime/link.ts', [
    {
      fault: 'Greetings are shown as what the peer has said',
      text: 'if (effect.text !== greetingOf(this.peer)) this',
      becomes: 'if (effect.text !== this.peer) this',
    },
  ]),
  ...inFile('runtime/stage.ts', [
    {
      fault: 'A host sees its charts as they were when they began',
      text: 'snapshot: () => actor.getSnapshot() as SnapshotFrom<Machine>,',
      becomes: 'snapshot: ((begun) => () => begun)(actor.getSnapshot() as SnapshotFrom<Machine>),',
    },
  ]),
  ...inFile('runtime/admission.ts', [
    {
      fault: 'A budget is filled up for all the time since its source was first seen, again and again',
      text: '    bucket.filledAt = now;\n',
      becomes: '',
    },
    {
      fault: 'A host has a budget for each IPv6 address that it makes up',
      text: 'isIpv6(address) ? networkOf(address) : address',
      becomes: 'isIpv6(address) ? networkOf(address) && address : address',
    },
  ]),
  ...inFile('runtime/directory.ts', [
    {
      fault: 'A directory holds one session more than it may',
      text: 'this.size >= this.capacity',
      becomes: 'this.size > this.capacity',
    },
  ]),
  ...inFile('runtime/feed.ts', [
    {
      fault: 'A reader who is too slow misses the newest',
      text: `      this.#unread.shift();
    }`,
      becomes: `      this.#unread.pop();
    }`,
    },
  ]),
  ...inFile('runtime/udp.ts', [
    {
      fault: 'Every packet after an opener dies as early as the opener',
      text: `      if (hops !== undefined) this.#socket.setTTL(DEFAULT_HOPS);\n`,
      becomes: '      if (hops === DEFAULT_HOPS) this.#socket.setTTL(DEFAULT_HOPS);\n',
    },
  ]),
];
