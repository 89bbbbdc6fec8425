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
      fault: 'A server that cannot keep up sheds those it knows, too',
      text: 'this.#transport.isBehind && !this.#isProven(from, bytes, length)',
      becomes: 'this.#transport.isBehind',
    },
  ]),
  ...inFile('runtime/plain-service.ts', [
    {
      fault: 'A full server turns away those it knows, and lets newcomers in',
      text: 'neighbour === NONE && this.size',
      becomes: 'neighbour !== NONE && this.size',
    },
    {
      fault: 'A client that has moved is still looked up at its old port',
      text: '    this.#directory.move(slot, from);\n',
      becomes: '',
    },
    {
      fault: 'Who is called is not told who calls',
      text: `    sessions.take(peer, this.#event['peer.calls']);\n`,
      becomes: '',
    },
  ]),
  ...inFile('runtime/plain-service.ts', [
    {
      fault: 'A server holds one session more than it may',
      text: 'this.size >= this.#options.maxClients',
      becomes: 'this.size > this.#options.maxClients',
    },
  ]),
  ...inFile('runtime/sessions/sessions.ts', [
    {
      fault: 'The slots of a chart take a client at another port for a stranger',
      text: 'isClientElsewhere: (slot) => this.#isAtAddress(slot),',
      becomes: 'isClientElsewhere: (slot) => this.#isAt(slot),',
    },
  ]),
  ...inFile('runtime/sessions/expiry.ts', [
    {
      fault: 'All that is due expires in one go, however much it is',
      text: ' && left > 0; left -= 1)',
      becomes: '; left -= 1)',
    },
    {
      fault: 'A shorter delay waits for the timer of a longer one',
      text: ' || this.#timer.due > due)',
      becomes: ')',
    },
  ]),
  ...inFile('runtime/tables/slot-index.ts', [
    {
      fault: 'What lies beyond a place that was freed is not found any more',
      text: `      places[2 * place] = places[2 * next] as number;
      places[2 * place + 1] = places[2 * next + 1] as number;
      place = next;\n`,
      becomes: '      break;\n',
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
      text: '    doubles[filledAt] = now;\n',
      becomes: '',
    },
    {
      fault: 'A host has a budget for each IPv6 address that it makes up',
      text: 'isIpv4 ? from.word3 : from.word1',
      becomes: 'isIpv4 ? from.word3 : from.word1 ^ from.word3',
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
];
