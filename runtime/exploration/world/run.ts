/** One run of a world, told step by step: for people, as a sequence of happenings, and as a trace to replay. */
import type { Happening } from '../../simulation/happening.ts';
import type { Lifeline } from '../../simulation/lifelines.ts';
import type { Happening as Recorded } from '../../trace/writer.ts';
import { lifelinesIn, playerIn } from './cast.ts';
import type { Move } from './moves.ts';
import { describeMove } from './narration.ts';
import { Teller } from './teller.ts';
import { Tracer } from './tracer.ts';
import { movesTo, type Walk } from './walk.ts';

/** Times are the numbers of the moves, from 1: what is known is the order. */
export type Run = {
  /** What happens, one line a move. */
  readonly steps: readonly string[];
  readonly lifelines: readonly Lifeline[];
  readonly happenings: readonly Happening[];
  readonly trace: readonly Recorded[];
};

/** The shortest run to a state, and one move further, if there is one. */
export function runTo(walk: Walk, state: number, further?: Move): Run {
  const { setting, moves } = walk;
  const { hosts } = moves;
  const teller = new Teller(setting, hosts);
  const tracer = new Tracer((field) => {
    const { role, actor, chart } = playerIn(setting, field);
    return { automaton: role.part.automaton, actor, chart };
  });
  const steps: string[] = [];
  hosts.witness = {
    began: (field, beginning) => {
      tracer.began(field, beginning);
      teller.began(field);
    },
    happened: (field, stimulus) => {
      tracer.happened(field, stimulus);
      teller.happened(field);
    },
    sent: (packet) => teller.sent(packet),
    openerSent: (who, to) => teller.openerSent(who, to),
    opening: (who, to) => teller.opening(who, to),
  };
  moves.begin();
  for (const move of [...movesTo(walk, state), ...(further === undefined ? [] : [further])]) {
    steps.push(describeMove(setting, move));
    tracer.at = steps.length;
    teller.before(move, steps.length);
    moves.make(Int32Array.from(hosts.row), move);
  }
  hosts.witness = undefined;
  return { steps, lifelines: lifelinesIn(setting), happenings: teller.happenings, trace: tracer.records };
}
