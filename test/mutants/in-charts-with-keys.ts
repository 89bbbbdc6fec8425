import { inFile, type Mutant } from './mutant.ts';

/** Faults in protocol 2 itself: in charts, and in the bytes of its datagrams. */
export const inChartsWithKeys: readonly Mutant[] = [
  ...inFile('machines/envelope.ts', [
    {
      fault: 'A Knock is shorter than the Challenge that it provokes',
      text: 'const KNOCK_BYTES = 80;',
      becomes: 'const KNOCK_BYTES = 10;',
    },
  ]),
  ...inFile('machines/letter-server.ts', [
    {
      fault: 'A letter from a forged address is shorter than the PathChallenge that it provokes',
      text: 'return writeToServer(letter).paddingTo(TO_SERVER_BYTES_MIN).done();',
      becomes: 'return writeToServer(letter).done();',
    },
  ]),
  ...inFile('machines/client-joining.ts', [
    {
      fault: 'A forger who is quicker than the server ends a registration by a challenge under another key',
      text: `target: 'distrusting',
              actions:`,
      becomes: `target: '#client.failed',
              actions:`,
    },
    {
      fault: 'A client does not make sure that its server has heard it in the new session',
      text: `target: '.confirming',`,
      becomes: `target: 'joined',`,
    },
    {
      fault: 'A client whose cookie was too old goes on registering with it',
      text: `          reenter: true,
          actions: { type: 'keepCookie', params: ({ event }) => event.cookie },`,
      becomes: '          reenter: true,',
    },
  ]),
  ...inFile('machines/client.ts', [
    {
      fault: 'A client whose session is stale waits for its next refresh',
      text: `        'datagram.stale': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'rejoining.knocking',
        },\n`,
      becomes: '',
    },
    {
      fault: 'A client that is asked whether it is where it says does not answer',
      text: `      actions: { type: 'sendPathResponse', params: ({ event }) => event.token },
    },
    'network.changed'`,
      becomes: `      actions: [],
    },
    'network.changed'`,
    },
  ]),
  ...inFile('machines/session.ts', [
    {
      fault: 'A session counts from its Register, which can be a replay',
      text: `      actions: 'acknowledge',
    },
    'datagram.sealed': {`,
      becomes: `      target: 'proven',
      actions: ['acknowledge', 'reportProven'],
    },
    'datagram.sealed': {`,
    },
    {
      fault: 'A session moves to where something came from, unasked',
      text: `{ actions: { type: 'challenge', params: ({ event }) => event.from } },`,
      becomes: `{ actions: { type: 'move', params: ({ event }) => event.from } },`,
    },
    {
      fault: 'What is replayed from elsewhere keeps a session alive',
      text: `{ actions: { type: 'challenge',`,
      becomes: `{ target: 'proven', reenter: true, actions: { type: 'challenge',`,
    },
    {
      fault: 'A session that nobody has used stays',
      text: `  after: { proof: { target: 'expired' } },\n`,
      becomes: '',
    },
  ]),
  ...inFile('machines/introduction.ts', [
    {
      fault: 'A caller who is refused is told at once, and knows from it that somebody is there',
      text: `refused: { target: 'withheld' },`,
      becomes: `refused: { target: '#introduction.declined' },`,
    },
    {
      fault: 'An answer that was lost is not said again',
      text: `repeated: { actions: 'answer' }, `,
      becomes: '',
    },
  ]),
  ...inFile('machines/link.ts', [
    {
      fault: 'A link goes on although its peer has another key than it must have',
      text: `    keyDistrusted: { target: 'failed', actions: { type: 'blame', params: 'peerKeyChanged' } },\n`,
      becomes: '',
    },
  ]),
  ...inFile('machines/link-setup.ts', [
    {
      fault: 'Who hears a probe counts as connected, though it was not heard',
      text: 'confirms: (_, { confirms }: Probe) => confirms,',
      becomes: 'confirms: () => true,',
    },
    {
      fault: 'A link tries as many addresses as probes come from',
      text: '(context.tried.length < ADDRESSES_TRIED_MAX ||',
      becomes: '(context.tried.length > 0 ||',
    },
    {
      fault: 'A link with keys goes on sending to where the server said, not to where it was answered from',
      text: `      remote: (_, from: Endpoint) => from,
      tried: ({ context }, from: Endpoint) => distinct(`,
      becomes: '      tried: ({ context }, from: Endpoint) => distinct(',
    },
    {
      fault: 'A link leaves the path that works for the one that the server names',
      text: `    addTold: assign({
      introduced:`,
      becomes: `    addTold: assign({
      remote: (_, { remote }: Introduction) => remote,
      introduced:`,
    },
    {
      fault: 'The openers are sent as far as any other probe',
      text: `      asks: true,
      hops: timing.OPENER_HOPS,`,
      becomes: '      asks: true,',
    },
  ]),
  ...inFile('machines/link-restoring.ts', [
    {
      fault: 'A path that is gone is probed for ever',
      text: `, after: { punchBudget: { target: '#link.lost' } } },`,
      becomes: ' },',
    },
    {
      fault: 'A link asks the server once for its peer, and not again should that be lost',
      text: `actions: ['climbAsks', 'sendRequest'] }`,
      becomes: `actions: 'climbAsks' }`,
    },
    {
      fault: 'A link in doubt does not look where the server says that its peer is',
      text: `{ type: 'addTold', params: ({ event }) => event }, `,
      becomes: '',
    },
  ]),
  ...inFile('machines/link-probing.ts', [
    {
      fault: 'A link that the server sees elsewhere does not tell its peer before it is in doubt',
      text: `        'startAsking',
        'sendRequest',
      ],`,
      becomes: `        'restFromAsking',
      ],`,
    },
    {
      fault: 'An address that does not answer is probed until the link has failed',
      text: `      after: { probePeriod: { target: 'spent' } },\n`,
      becomes: '',
    },
    {
      fault: 'A connected link does not answer probes, and so its peer is not',
      text: `              { type: 'answer', params: ({ event }) => event.from },\n`,
      becomes: '',
    },
    {
      fault: 'A link whose own probes go unanswered stays connected as long as it hears its peer',
      text: `            guard: { type: 'hasRoomFor', params: ({ event }) => event },
            actions: [`,
      becomes: `            guard: { type: 'hasRoomFor', params: ({ event }) => event },
            target: 'heard',
            reenter: true,
            actions: [`,
    },
    {
      fault: 'A link that was connected does not heed that its peer looks for it',
      text: `    introduced: [
      {
        guard: { type: 'tellsMore',`,
      becomes: `    start: [
      {
        guard: { type: 'tellsMore',`,
    },
    {
      fault: 'A link stays although its peer has said goodbye',
      text: `    'datagram.bye': { target: 'left' },
    stop:`,
      becomes: '    stop:',
    },
  ]),
];
