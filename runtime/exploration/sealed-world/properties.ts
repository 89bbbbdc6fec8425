/** What must be true of a sealed world, as sentences, and how a walk is judged by them. */
import { spreadBack } from '../world/reach.ts';
import type { FirstSign, Graph } from '../world/walk.ts';
import * as f from './fields.ts';
import { placeOf, SERVER } from './places.ts';
import { OVER, PUNCHING, type Role, type Setting, THERE } from './setting.ts';
import * as signs from './signs.ts';

/** Each with the promise of the protocol that it belongs to. */
export const properties = {
  noAmplification:
    '1. To an address that has not proved that it is there, the server sends at most one datagram for each received, never larger.',
  keepsNothing: '1. The server keeps no session at an address that has not proved that it is there.',
  sentGiven:
    '2. Nothing is sent for the peer to an address that neither the server saw it at nor its own keys came from.',
  boundedSends: '2. At most 8 addresses are tried, and punching them ends.',
  nameHeld: '3. A leased name never goes to another key.',
  notDisplaced: '3. A client that uses its session has not lost its name to another session.',
  endToEnd: '4. The keys of a link are the peer’s and our own, whatever the server says.',
  heededOnce: '4. What was sealed once is heeded once.',
  declinedAlike: '4. Who is refused is told so at no other time than who asks for somebody who is not there.',
  connectedProven:
    '5. A client becomes connected only by its own nonce, brought back over the path it will use.',
  connectedFresh: '5. A nonce that was sent long ago connects nobody.',
  noOneWay: '5. Over a path that works in one direction only, nobody is connected.',
  clientsArrive: '6. From everywhere, every client can still get registered, or ends.',
  linksArrive: '6. From everywhere, every client that wants a peer can still get connected, or fails.',
  nobodyWaits: '6. Nobody waits for ever: in each state but the last, a timer is armed.',
  agreement:
    '6. Whenever one side is connected, both still can be with the same keys, or the connection ends.',
  noDeadlock: '6. Something can always happen, unless everybody has ended.',
  timersInOrder: '6. No timer is armed twice, or left armed.',
  canReturn:
    '6. Two who are connected can be so again after one has moved, with the same keys, whomever their NATs let in.',
  canMeet: '6. Both can be connected at once, with the same keys.',
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

/** Judges a walk by all properties that its scenario can say something of. */
export function judge(setting: Setting, graph: Graph): readonly Verdict[] {
  const { stateCount, moveCount, firstSign, starts } = graph;
  const { goals: can, shown } = factsOf(setting, graph);
  spreadBack(graph, can);
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
  const shows = (state: number, bit: number) => ((shown[state] as number) & bit) !== 0;
  const roles = [...setting.clients, ...setting.links, setting.session, setting.introduction];
  const timerFaults = roles.flatMap(({ automaton }) => automaton.timerFaults);
  const { evil, oneWay, clients, asking, forgeries, moves, leaves, restarts } = setting.bounds;
  const hasHonestServer = evil === 0;
  const canBeJudged = (property: PropertyName) =>
    property === 'canMeet'
      ? hasHonestServer && oneWay === 0 && clients === 2 && asking > 0
      : property === 'canReturn'
        ? hasHonestServer && oneWay === 0 && moves > 0 && forgeries + leaves + restarts === 0
        : property !== 'noOneWay' || (oneWay === 1 && forgeries === 0);
  return [
    byMove('noAmplification', signs.AMPLIFIED),
    byState('keepsNothing', (state) => shows(state, UNPROVEN)),
    byMove('sentGiven', signs.SENT_TO_UNGIVEN),
    byState('boundedSends', (state) => shows(state, UNBOUNDED)),
    byMove('nameHeld', signs.NAME_TAKEN),
    byMove('notDisplaced', signs.DISPLACED),
    byState('endToEnd', (state) => shows(state, STRANGERS_KEYS)),
    byMove('heededOnce', signs.HEEDED_TWICE),
    byMove('declinedAlike', signs.DECLINED_EARLY),
    byMove('connectedProven', signs.CONNECTED_UNPROVEN),
    byMove('connectedFresh', signs.BELIEVED_OLD),
    byState('noOneWay', (state) => shows(state, CONNECTED | (CONNECTED << 1))),
    byState('clientsArrive', (state) => lacks(state, CLIENT_DONE | (CLIENT_DONE << 1))),
    byState('linksArrive', (state) => lacks(state, LINK_DONE | (LINK_DONE << 1))),
    byState('nobodyWaits', (state) => shows(state, WAITING)),
    byState('agreement', (state) =>
      [0, 1].some(
        (who) => shows(state, CONNECTED << who) && lacks(state, BOTH) && lacks(state, APART << who),
      ),
    ),
    byState('noDeadlock', (state) => starts[state] === starts[state + 1] && !shows(state, ENDED)),
    { property: 'timersInOrder' as const, holds: timerFaults.length === 0, judged: stateCount },
    byState('canReturn', (state) => shows(state, PAIRED) && lacks(state, FOUND)),
    byState('canMeet', (state) => state === 0 && lacks(0, BOTH)),
  ].filter(({ property }) => canBeJudged(property));
}

/** Goals, as bits that spread backwards. Where there are two, alice's, then bob's. */
const CLIENT_DONE = 1;
const LINK_DONE = 4;
const APART = 16;
const BOTH = 64;
/** Both are connected, and send to where the other one is. */
const FOUND = 128;

/** Facts of one state, as bits. */
const UNPROVEN = 1;
const UNBOUNDED = 2;
const STRANGERS_KEYS = 4;
const WAITING = 8;
const CONNECTED = 16;
const ENDED = 64;
/** Both have a link under the same keys that was connected. */
const PAIRED = 128;

const TRIED_MAX = 8;

function factsOf(setting: Setting, { store, stateCount }: Graph) {
  const { layout, clients, links, session, introduction, bounds } = setting;
  const goals = new Uint8Array(stateCount);
  const shown = new Uint8Array(stateCount);
  const row = new Int32Array(layout.width);
  const unbounded = links.map(unboundedIn);
  const waits = new Map(
    [...clients, ...links, session, introduction].map((role) => [role, waitsForEver(role)]),
  );
  const waitsIn = (role: Role, situation: number) => waits.get(role)?.[situation] === 1;

  for (let state = 0; state < stateCount; state += 1) {
    layout.unpack(store.words, state * layout.words, row);
    let goal = 0;
    let fact = 0;
    let over = 0;
    const pairs = [0, 0];
    const kept = [0, 0];
    let isFound = true;
    for (let who = 0; who < 2; who += 1) {
      const client = row[f.CLIENT + who] as number;
      const phase = (clients[who] as Role).phase[client] as number;
      const role = links[who] as Role;
      if (phase === OVER || phase === THERE) goal |= CLIENT_DONE << who;
      if (waitsIn(clients[who] as Role, client)) fact |= WAITING;
      for (const link of [2 * who, 2 * who + 1]) {
        const situation = (row[f.LINK + link] as number) - 1;
        if (situation < 0) continue;
        if (waitsIn(role, situation)) fact |= WAITING;
        if (unbounded[who]?.[situation] === 1) fact |= UNBOUNDED;
        if (!isOfBoth(row, who, row[f.LINK_PAIR + link] as number)) fact |= STRANGERS_KEYS;
        if (link !== 2 * who) continue;
        const wasConnected = ((row[f.LINK_FACTS + link] as number) & f.WAS_CONNECTED) !== 0;
        if (wasConnected && phase !== OVER) kept[who] = row[f.LINK_PAIR + link] as number;
        if (role.phase[situation] === THERE) pairs[who] = row[f.LINK_PAIR + link] as number;
        isFound &&= role.at[situation] === placeOf(1 - who, row[f.PLACE + 1 - who] as number);
      }
      const isNone = row[f.LINK + 2 * who] === 0;
      if (pairs[who] !== 0) fact |= CONNECTED << who;
      else goal |= APART << who;
      if (pairs[who] !== 0 || (isNone && (row[f.WISH + who] === 0 || phase === OVER)))
        goal |= LINK_DONE << who;
      // Where waits of registrations do not end, there is an end to what can happen to who is registered.
      const isAtRest = phase === THERE && (bounds.settled === 1 || bounds.brisk === 1);
      if ((phase === OVER || isAtRest) && isNone) over += 1;
    }
    for (let index = 0; index < f.SESSIONS; index += 1) {
      const situation = (row[f.SESSION + index] as number) - 1;
      if (situation < 0) continue;
      if (waitsIn(session, situation)) fact |= WAITING;
      const place = session.at[situation] as number;
      if (place < SERVER && ((row[f.PROVEN] as number) & (1 << place)) === 0) fact |= UNPROVEN;
    }
    if (pairs[0] !== 0 && pairs[0] === pairs[1]) goal |= isFound ? BOTH | FOUND : BOTH;
    if (kept[0] !== 0 && kept[0] === kept[1]) fact |= PAIRED;
    if (over === 2 && (bounds.flight === 0 || row[f.FLIGHT] === 0)) fact |= ENDED;
    goals[state] = goal;
    shown[state] = fact;
  }
  return { goals, shown };
}

/** Whether a pair of keys, if there is one, was made by the two that it is used between. */
function isOfBoth(row: Int32Array, who: number, pair: number): boolean {
  if (pair === 0) return true;
  const ends = [f.callerOf(row[f.PAIR_CALL + pair - 1] as number), row[f.PAIR_ANSWERER + pair - 1] as number];
  return ends.includes(who) && ends.includes(1 - who);
}

/** By situation: 1 where the chart goes on but no timer does. */
function waitsForEver({ automaton }: Role): Uint8Array {
  return Uint8Array.from(automaton.situations, ({ snapshot, armed }) =>
    snapshot.status === 'active' && armed.length === 0 ? 1 : 0,
  );
}

function unboundedIn({ automaton, phase }: Role): Uint8Array {
  return Uint8Array.from(automaton.situations, ({ snapshot, armed }, situation) => {
    const isLimited = armed.some(({ timer }) => timer.includes('.punchBudget.'));
    const isPunching = phase[situation] === PUNCHING;
    return snapshot.context.tried.length > TRIED_MAX || (isPunching && !isLimited) ? 1 : 0;
  });
}
