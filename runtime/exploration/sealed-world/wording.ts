/** Packets and moves of a sealed world in words. */
import { formatEndpoint } from '../../../machines/endpoint.ts';
import { wordsForTimer } from '../../simulation/wording.ts';
import type { Move } from '../world/moves.ts';
import { forgeries } from './attacker.ts';
import { playerIn } from './cast.ts';
import { callerOf, isWord, pairOf, speakerOf } from './fields.ts';
import type { Hosts } from './hosts.ts';
import { argumentOfMove, kindOfMove } from './moves.ts';
import * as p from './packets.ts';
import { endpointAt, NAMES } from './places.ts';
import { roleAt } from './world.ts';

/** What a datagram is, with what is sealed in it, such as `Sealed 2: HolePunchAccept(1)`. */
export function wordsForTerm(term: number): string {
  const [a, b, c, d] = [p.a(term), p.b(term), p.c(term), p.d(term)];
  const sealed = (words: string) => `Sealed ${a}: ${words}`;
  switch (p.kindOf(term)) {
    case p.KNOCK:
      return 'Knock';
    case p.REGISTER:
      return `Register(${NAMES[d]}${a === p.BAD_COOKIE ? ', bad cookie' : ''}), ${NAMES[b]}'s key, handshake ${c}`;
    case p.CHALLENGE:
      return `Challenge${b === p.BAD_COOKIE ? ', made-up cookie' : ''}${c === 1 ? ", another server's key" : ''}`;
    case p.ACK:
      if (c === 0) return `RegisterAck(refused: ${d === 1 ? 'name taken' : 'full'})`;
      return `RegisterAck to handshake ${b}: session ${c}`;
    case p.STALE:
      return `Stale(session ${a})`;
    case p.KEEPALIVE:
      return sealed('Keepalive');
    case p.LOOKUP:
      return sealed(`Lookup(${NAMES[b]})`);
    case p.REQUEST:
      return sealed(`HolePunchRequest(${offer(b)})`);
    case p.ACCEPT:
      return sealed(`HolePunchAccept(${b}, answer to ${offer(c)}: keys ${d})`);
    case p.REFUSE:
      return sealed(`HolePunchRefuse(${b})`);
    case p.PATH_RESPONSE:
      return sealed(`PathResponse(token for ${placeWords(b & 7)})`);
    case p.BYE:
      return sealed('Bye');
    case p.KEEPALIVE_ACK:
      return sealed('KeepaliveAck');
    case p.FOUND:
      return sealed(`Found(${NAMES[b]}'s key)`);
    case p.INITIATE:
      return sealed(
        `HolePunchInitiate(${b & 7}, ${NAMES[(b >> 3) - 1]}'s key, ${placeWords(c)}, ${offer(d)})`,
      );
    case p.ANSWER:
      return sealed(`HolePunchAnswer(to ${offer(b)}, ${placeWords(c)}, keys ${d})`);
    case p.START:
      return sealed(`Start(${b})`);
    case p.UNKNOWN:
      return sealed('HolePunchResponseUnknown');
    case p.PATH_CHALLENGE:
      return sealed(`PathChallenge(token for ${placeWords(b & 7)})`);
    case p.PROBE:
      return `Pair ${a}: Probe(nonce${(b & 7) === p.OLD_NONCE ? ', old' : ''}${(b & 8) === 0 ? '' : ', asks'}${c === 0 ? '' : `, echo${c - 1 === p.OLD_NONCE ? ' of an old one' : ` of the one to ${placeWords(c - 1)}`}`})`;
    default:
      return `Pair ${a}: Bye`;
  }
}

function offer(call: number): string {
  if (isWord(call)) return `word of ${NAMES[speakerOf(call)]} under keys ${pairOf(call)}`;
  return call === 0 ? 'nothing' : `offer ${((call - 1) % 3) + 1} of ${NAMES[callerOf(call)]}`;
}

function placeWords(place: number): string {
  return formatEndpoint(endpointAt(place));
}

/** A move as a sentence's worth, in the state that the hosts are in. */
export function describeMove(hosts: Hosts, move: Move): string {
  const argument = argumentOfMove(move);
  const flying = (at: number) => {
    const term = hosts.row[at] as number;
    return `${wordsForTerm(term)}, ${placeWords(p.fromOf(term))} to ${placeWords(p.toOf(term))},`;
  };
  switch (kindOfMove(move)) {
    case 'deliver':
      return `${flying(argument)} arrives`;
    case 'keep':
      return `${flying(argument)} arrives, and once more`;
    case 'lose':
      return `${flying(argument)} is lost`;
    case 'spoof':
      return `${flying(argument >> 3)} arrives as if from ${placeWords(argument & 7)}`;
    case 'forge': {
      const term = forgeries(hosts)[argument] as number;
      return `${wordsForTerm(term)}, as if from ${placeWords(p.fromOf(term))}, is forged`;
    }
    case 'timer': {
      const field = argument >> 5;
      const { who, chart } = playerIn(hosts.setting, field);
      const timer = roleAt(hosts.setting, field).automaton.timers[argument & 31] ?? '';
      return `${who}, ${chart}: timer ${wordsForTimer(timer)} is due`;
    }
    case 'outage':
      return `server ${mishaps.outage}`;
    case 'move':
      return `${NAMES[argument]} ${mishaps.move}`;
    case 'restart':
      return `${NAMES[argument]} ${mishaps.restart}`;
    case 'leave':
      return `${NAMES[argument]} ${mishaps.leave}`;
    case 'age':
      return `${NAMES[argument]} ${mishaps.age}`;
  }
}

/** What may befall a world, in words that follow a name. */
export const mishaps = {
  move: 'moves to another address',
  restart: 'comes back as a new process',
  leave: 'leaves',
  outage: 'restarts and knows only whose the names are',
  age: 'takes what it has sent as probes for too old',
} as const;
