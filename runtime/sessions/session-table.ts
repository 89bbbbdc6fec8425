/**
 * The session chart as the tables that the server runs on, and the numbers of its states and events. Made when first
 * asked for: a client has no use for them.
 */
import { type Automaton, BEGIN, compile } from '../../machines/automaton.ts';
import { type SessionEvent, sessionMachine } from '../../machines/session.ts';

export type SessionTable = {
  readonly automaton: Automaton;
  readonly state: Readonly<Record<'proving' | 'registered' | 'proven', number>>;
  readonly event: Readonly<Record<SessionEvent['type'] | typeof BEGIN, number>>;
};

/** The actions of the chart that ask something of the host; `move` only changes where the client is. */
export type SessionAction =
  | 'acknowledge'
  | 'reportProven'
  | 'reportEnded'
  | 'reportMoved'
  | 'refuse'
  | 'seek'
  | 'introduce'
  | 'disappoint'
  | 'sendKeepaliveAck'
  | 'challenge';

let made: SessionTable | undefined;

export function sessionTable(): SessionTable {
  made ??= make();
  return made;
}

function make(): SessionTable {
  const automaton = compile(sessionMachine);
  const state = (name: string) => numberIn(automaton.states, name);
  const event = (name: string) => numberIn(automaton.events, name);
  return {
    automaton,
    state: { proving: state('proving'), registered: state('registered'), proven: state('proven') },
    event: {
      [BEGIN]: event(BEGIN),
      'datagram.register': event('datagram.register'),
      'datagram.holePunchRequest': event('datagram.holePunchRequest'),
      'datagram.sealed': event('datagram.sealed'),
      'datagram.keepalive': event('datagram.keepalive'),
      'datagram.pathResponse': event('datagram.pathResponse'),
      'datagram.bye': event('datagram.bye'),
      'peer.found': event('peer.found'),
      'peer.missing': event('peer.missing'),
      'peer.calls': event('peer.calls'),
      replaced: event('replaced'),
    },
  };
}

function numberIn(names: readonly string[], name: string): number {
  const number = names.indexOf(name);
  if (number < 0) throw new Error(`the session chart has no "${name}"`);
  return number;
}
