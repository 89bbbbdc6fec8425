import { type Automaton, BEGIN } from '../../machines/automaton.ts';
import { type SessionEvent, sessionMachine } from '../../machines/session.ts';
import type { Clock } from '../ambient.ts';
import { unpack } from '../packed-endpoint.ts';
import { enact, type Live, type Stage } from '../stage.ts';
import type { Sessions } from './sessions.ts';

/**
 * For those who watch: beside each session its chart as a live actor, which takes the same events, and whose timers pass
 * when the tables say so. What it asks for is not done, as the tables have it done.
 */
export class Shadows {
  readonly #stage: Stage;
  readonly #automaton: Automaton;
  readonly #sessions: Sessions;
  readonly #shadows = new Map<number, Shadow>();

  constructor(stage: Stage, automaton: Automaton, sessions: Sessions) {
    this.#stage = stage;
    this.#automaton = automaton;
    this.#sessions = sessions;
  }

  /** Before the tables take it. */
  take(slot: number, event: number): void {
    const type = this.#automaton.events[event] as string;
    if (type === BEGIN) this.#shadows.set(slot, this.#begin(slot));
    else if (event >= this.#automaton.events.length - this.#automaton.delays.length)
      this.#shadows.get(slot)?.clock.runTimer();
    else this.#shadows.get(slot)?.actor.send(this.#describe(type as SessionEvent['type']));
  }

  ended(slot: number): void {
    this.#shadows.delete(slot);
  }

  close(): void {
    for (const { actor } of this.#shadows.values()) actor.stop();
  }

  #begin(slot: number): Shadow {
    const clock = createShadowClock(this.#stage.clock);
    const { protocol, ttlMs } = this.#sessions;
    const name = this.#sessions.nameOf(slot);
    const input = { name, client: this.#sessions.clientOf(slot), ttlMs };
    return {
      clock,
      actor: enact(
        { ...this.#stage, clock },
        sessionMachine,
        name,
        protocol === 2 ? { ...input, protocol } : input,
        { perform: () => {} },
      ),
    };
  }

  #describe(type: SessionEvent['type']): SessionEvent {
    const sessions = this.#sessions;
    switch (type) {
      case 'datagram.register':
      case 'datagram.sealed':
      case 'datagram.keepalive':
      case 'datagram.pathResponse':
        return { type, from: unpack(sessions.from) };
      case 'datagram.holePunchRequest':
        return { type, name: sessions.names.soughtText };
      case 'peer.found':
      case 'peer.calls':
        return { type, name: sessions.nameOf(sessions.peer), remote: sessions.clientOf(sessions.peer) };
      default:
        return { type };
    }
  }
}

type Shadow = { readonly actor: Live<typeof sessionMachine>; readonly clock: ShadowClock };

type ShadowClock = Clock & { runTimer(): void };

/** The time of another clock, and one timer that passes when it is told to: the chart waits for one thing at a time. */
function createShadowClock({ now }: Clock): ShadowClock {
  let waiting: (() => void) | undefined;
  return {
    now,
    setTimeout: (run) => {
      waiting = run;
      return run;
    },
    clearTimeout: (timer) => {
      if (timer === waiting) waiting = undefined;
    },
    runTimer: () => waiting?.(),
  };
}
