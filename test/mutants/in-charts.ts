import { inFile, type Mutant } from './mutant.ts';

/** Faults in the protocol itself: in charts, their waits, and the bytes they exchange. */
export const inCharts: readonly Mutant[] = [
  ...inFile('machines/client-joining.ts', [
    {
      fault: 'An unanswered Register is not repeated',
      text: `after: { retry: { target: 'awaitingAck', reenter: true, actions: 'climb' } },`,
      becomes: '',
    },
    {
      fault: 'Whoever acknowledges a registration is believed to be the server',
      text: `        guard: { type: 'isServer', params: ({ event }) => event.from },
        target: 'joined',`,
      becomes: `        target: 'joined',`,
    },
    {
      fault: 'A client that is never answered tries for ever',
      text: `  after: { patience: { target: 'failed' } },\n`,
      becomes: '',
    },
  ]),
  ...inFile('machines/client.ts', [
    {
      fault: 'A client never refreshes its registration',
      text: `      after: {
        keepalive: [{ guard: 'hasKeys', target: 'rejoining.checking' }, { target: 'rejoining' }],
      },\n`,
      becomes: '',
    },
    {
      fault: 'A client whose server has forgotten it waits for its next refresh',
      text: `          target: 'rejoining',
          actions: 'disappoint',`,
      becomes: `          actions: 'disappoint',`,
    },
    {
      fault: 'A client that has lost its server seeks it once more, and then never again',
      text: `{ target: 'unregistered', reenter: true, actions: 'sendRegister' }`,
      becomes: `{ target: 'unregistered', actions: 'sendRegister' }`,
    },
  ]),
  ...inFile('machines/client-setup.ts', [
    {
      fault: 'Another program at the address of the server is believed to be the server',
      text: 'isServer: ({ context }, from: Endpoint) => context.server !== null && sameEndpoint(from, context.server)',
      becomes:
        'isServer: ({ context }, from: Endpoint) => context.server !== null && from.address === context.server.address',
    },
    {
      fault: 'Refreshes come up to 46 s apart, later than NATs forget',
      text: 'jitter * (timing.KEEPALIVE_MAX_MS - timing.KEEPALIVE_MIN_MS)',
      becomes: 'jitter * timing.KEEPALIVE_MAX_MS',
    },
  ]),
  ...inFile('machines/link-greeting.ts', [
    {
      fault: 'Punching has no end',
      text: `  after: { punchBudget: { target: 'failed' } },\n`,
      becomes: '',
    },
    {
      fault: 'A caller that punches does not ask again, though the introduction of the called may be lost',
      text: `actions: ['climb', 'sendRequest'] },`,
      becomes: `actions: ['climb'] },`,
    },
    {
      fault: 'Punching begins with greetings, and without an opener',
      text: `  initial: 'opening',
  entry: [`,
      becomes: `  initial: 'probing',
  entry: [`,
    },
    {
      fault: 'A settled link has no keepalive',
      text: `      after: { keepalive: { target: 'holding', reenter: true } },\n`,
      becomes: '',
    },
    {
      fault: 'A settled link does not answer a peer that is still punching',
      text: `              target: 'resting',
              actions: 'sendGreeting',`,
      becomes: `              target: 'resting',`,
    },
    {
      fault: 'What a peer says does not count as a sign of life',
      text: `          target: 'heard',
          reenter: true,
`,
      becomes: '',
    },
  ]),
  ...inFile('machines/link-setup.ts', [
    {
      fault: 'Any port of the address of a peer is believed to be the peer',
      text: 'isTried: ({ context }, from: Endpoint) => context.tried.some((tried) => sameEndpoint(tried, from))',
      becomes:
        'isTried: ({ context }, from: Endpoint) => context.tried.some((tried) => sameAddress(tried, from))',
    },
    {
      fault: 'Another host behind the NAT of a peer is followed, whatever it says',
      text: `
      text === greetingOf(context.peer) &&`,
      becomes: '\n      text.length > 0 &&',
    },
    {
      fault: 'An introduction is compared with where packets go, instead of the last introduction',
      text: '(context.introduced === null || !sameEndpoint(remote, context.introduced))',
      becomes: '(context.remote === null || !sameEndpoint(remote, context.remote))',
    },
    {
      fault: 'A peer is punched at over the other version of IP, too',
      text: `      sameFamily(remote, context.server) &&
      (context`,
      becomes: '      (context',
    },
  ]),
  ...inFile('machines/session.ts', [
    {
      fault: 'A name goes to whoever asks for it from the port that its owner has',
      text: 'sameAddress(from, context.client)',
      becomes: 'from.port === context.client.port',
    },
    {
      fault: 'A session that is replaced does not say that it has ended',
      text: `replaced: { type: 'final', tags: 'replaced', entry: 'reportEnded' },`,
      becomes: `replaced: { type: 'final', tags: 'replaced' },`,
    },
  ]),
  ...inFile('machines/endpoint.ts', [
    {
      fault: 'Endpoints of one address are the same, whatever their ports',
      text: 'return a.port === b.port && a.address === b.address;',
      becomes: 'return a.address === b.address;',
    },
  ]),
];
