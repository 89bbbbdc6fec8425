/** What must be true of a world, as sentences, and how a walk is judged by them. */
import { CLIENT, FLIGHT, GIVEN, LINK, SESSION, WISH } from './fields.ts';
import { FAIR } from './moves.ts';
import { ownerOf } from './places.ts';
import { findCycle, spreadBack } from './reach.ts';
import { OVER, PUNCHING, type Role, type Setting, THERE } from './setting.ts';
import { HEARD, NAME_TAKEN, REGISTER_AMPLIFIED, REQUEST_AMPLIFIED, SENT_TO_UNGIVEN } from './signs.ts';
import type { FirstSign, Walk } from './walk.ts';

export const properties = {
  connectedGiven: 'A client is connected only to an address that the server or the peer’s own packets gave.',
  sentGiven: 'Nothing is sent to an address for the peer that nobody gave.',
  boundedSends: 'At most 8 addresses are tried, and punching them ends.',
  nameHeld: 'The server does not give a live name to another IP address.',
  notDisplaced: 'A client that believes to be registered has not lost its name to another IP address.',
  registerAmplifies: 'A forged Register makes the server send no more than it got.',
  requestAmplifies: 'A forged HolePunchRequest makes the server send no more than it got.',
  clientsArrive: 'From everywhere, every client can still get registered, or ends.',
  linksArrive: 'From everywhere, every client that wants a peer can still get connected, or fails.',
  nobodyWaits: 'Nobody waits for ever: in each state but the last, a timer is armed.',
  agreement: 'Whenever one side is connected, both still can be, or the connection ends.',
  noDeadlock: 'Something can always happen, unless everybody has ended.',
  noChase: 'When nothing is lost, two who hear each other do not punch for ever.',
  timersInOrder: 'No timer is armed twice, or left armed.',
  canMeet: 'Both can be connected at once.',
} as const;

export type PropertyName = keyof typeof properties;

export type Verdict = {
  readonly property: PropertyName;
  readonly holds: boolean;
  /** How many states, or moves, it was judged on. */
  readonly judged: number;
  /** The state at the end of the shortest run that breaks it, or the move after it that does. */
  readonly state?: number;
  readonly move?: number;
};

/** Judges a walk by all properties. */
export function judge(walk: Walk): readonly Verdict[] {
  const { setting, stateCount, moveCount, firstSign } = walk;
  const facts = factsOf(walk);
  const can = facts.goals;
  spreadBack(walk, can);
  const byMove = (property: PropertyName, sign: number): Verdict => {
    const first: FirstSign | undefined = firstSign[Math.log2(sign)];
    return { property, holds: first === undefined, judged: moveCount, ...first };
  };
  const byState = (property: PropertyName, isBroken: (state: number) => boolean): Verdict => {
    for (let state = 0; state < stateCount; state += 1)
      if (isBroken(state)) return { property, holds: false, judged: stateCount, state };
    return { property, holds: true, judged: stateCount };
  };
  const lacks = (state: number, bits: number) => ((can[state] as number) & bits) !== bits;
  const shows = (state: number, bit: number) => ((facts.shown[state] as number) & bit) !== 0;
  const chase = findCycle(walk, facts.punching, FAIR, HEARD | (HEARD << 1));
  const timerFaults = [...setting.clients, ...setting.links, setting.session].flatMap(
    ({ part }) => part.automaton.timerFaults,
  );
  return [
    byState('connectedGiven', (state) => shows(state, UNGIVEN)),
    byMove('sentGiven', SENT_TO_UNGIVEN),
    byState('boundedSends', (state) => shows(state, UNBOUNDED)),
    byMove('nameHeld', NAME_TAKEN),
    byState('notDisplaced', (state) => shows(state, DISPLACED)),
    byMove('registerAmplifies', REGISTER_AMPLIFIED),
    byMove('requestAmplifies', REQUEST_AMPLIFIED),
    byState('clientsArrive', (state) => lacks(state, CLIENT_DONE | (CLIENT_DONE << 1))),
    byState('linksArrive', (state) => lacks(state, LINK_DONE | (LINK_DONE << 1))),
    byState('nobodyWaits', (state) => shows(state, WAITING)),
    byState('agreement', (state) =>
      [0, 1].some(
        (who) => shows(state, CONNECTED << who) && lacks(state, BOTH) && lacks(state, APART << who),
      ),
    ),
    byState('noDeadlock', (state) => walk.starts[state] === walk.starts[state + 1] && !shows(state, ENDED)),
    { property: 'noChase', holds: chase < 0, judged: stateCount, ...(chase < 0 ? {} : { state: chase }) },
    { property: 'timersInOrder', holds: timerFaults.length === 0, judged: stateCount },
    { property: 'canMeet', holds: !lacks(0, BOTH), judged: stateCount },
  ];
}

/** Goals, as bits that spread backwards. Where there are two, alice's, then bob's. */
const CLIENT_DONE = 1;
const LINK_DONE = 4;
const APART = 16;
const BOTH = 64;

/** Facts of one state, as bits. */
const UNGIVEN = 1;
const UNBOUNDED = 2;
const DISPLACED = 4;
const WAITING = 8;
const CONNECTED = 16;
const ENDED = 64;

const TRIED_MAX = 8;

function factsOf({ setting, store, stateCount }: Walk) {
  const { layout, clients, links, session, places, bounds } = setting;
  const goals = new Uint8Array(stateCount);
  const shown = new Uint8Array(stateCount);
  const punching = new Uint8Array(stateCount);
  const row = new Int32Array(layout.width);
  const local = links.map((link) => localFaultsOf(link));
  const clientWaits = clients.map((client) => waitsForEver(client));
  const sessionWaits = waitsForEver(session);

  for (let state = 0; state < stateCount; state += 1) {
    layout.unpack(store.words, state * layout.words, row);
    let goal = 0;
    let fact = 0;
    let connected = 0;
    let over = 0;
    let punches = 0;
    for (let who = 0; who < 2; who += 1) {
      const client = row[CLIENT + who] as number;
      const phase = (clients[who] as Role).phase[client] as number;
      const link = (row[LINK + who] as number) - 1;
      const role = links[who] as Setting['links'][0];
      const linkPhase = link < 0 ? OVER : (role.phase[link] as number);
      if (phase === OVER || phase === THERE) goal |= CLIENT_DONE << who;
      if (linkPhase === THERE || (link < 0 && (row[WISH + who] === 0 || phase === OVER)))
        goal |= LINK_DONE << who;
      if (linkPhase !== THERE) goal |= APART << who;
      else {
        connected += 1;
        fact |= CONNECTED << who;
        if (!isGiven(setting, who, role.remote[link] as number, row[GIVEN + who] as number)) fact |= UNGIVEN;
      }
      if (linkPhase === PUNCHING) punches += 1;
      if (phase === OVER && link < 0) over += 1;
      if (clientWaits[who]?.[client] === 1 || (link >= 0 && local[who]?.waiting[link] === 1)) fact |= WAITING;
      if (link >= 0 && local[who]?.unbounded[link] === 1) fact |= UNBOUNDED;
      const named = row[SESSION + who] as number;
      if (phase === THERE && named !== 0 && ownerOf(places, session.client[named - 1] as number) !== who)
        fact |= DISPLACED;
    }
    for (let name = 0; name < 3; name += 1) {
      const named = row[SESSION + name] as number;
      if (named !== 0 && sessionWaits[named - 1] === 1) fact |= WAITING;
    }
    if (connected === 2) goal |= BOTH;
    if (over === 2 && (bounds.flight === 0 || row[FLIGHT] === 0)) fact |= ENDED;
    if (punches === 2) punching[state] = 1;
    goals[state] = goal;
    shown[state] = fact;
  }
  return { goals, shown, punching };
}

function isGiven({ places }: Setting, who: number, remote: number, given: number): boolean {
  if (remote === places.stranger) return (given & 1) !== 0;
  return (given & (ownerOf(places, remote) === who ? 2 : 4 << (remote % places.ports))) !== 0;
}

/** By situation: 1 where the chart goes on but no timer does. */
function waitsForEver({ part }: Role): Uint8Array {
  return Uint8Array.from(part.automaton.situations, ({ snapshot, armed }) =>
    snapshot.status === 'active' && armed.length === 0 ? 1 : 0,
  );
}

function localFaultsOf(role: Role) {
  const { situations } = role.part.automaton;
  return {
    waiting: waitsForEver(role),
    unbounded: Uint8Array.from(situations, ({ snapshot, armed }) => {
      const isPunching = snapshot.hasTag('punching');
      const isLimited = armed.some(({ timer }) => timer.includes('.punchBudget.'));
      return snapshot.context.tried.length > TRIED_MAX || (isPunching && !isLimited) ? 1 : 0;
    }),
  };
}
