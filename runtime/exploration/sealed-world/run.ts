/** One run of a sealed world, told step by step: as a sequence of happenings, and as a trace to replay. */
import type { Move } from '../world/moves.ts';
import type { Run } from '../world/run.ts';
import { Tracer } from '../world/tracer.ts';
import { type Graph, movesTo } from '../world/walk.ts';
import { lifelinesIn, playerIn } from './cast.ts';
import type { Moves } from './moves.ts';
import { Teller } from './teller.ts';
import { describeMove } from './wording.ts';

/** The shortest run to a state, and one move further, if there is one. */
export function runTo(moves: Moves, graph: Graph, state: number, further?: Move): Run {
  const { hosts } = moves;
  const teller = new Teller(hosts);
  const tracer = new Tracer((field) => {
    const { role, actor, chart } = playerIn(hosts.setting, field);
    return { automaton: role.automaton, actor, chart };
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
    sent: (term) => teller.sent(term),
    openerSent: (who, to) => teller.openerSent(who, to),
    swapped: (one, other) => {
      tracer.swapped(one, other);
      teller.swapped(one, other);
    },
  };
  moves.begin();
  for (const move of [...movesTo(graph, state), ...(further === undefined ? [] : [further])]) {
    steps.push(describeMove(hosts, move));
    tracer.at = steps.length;
    teller.before(move, steps.length);
    moves.make(Int32Array.from(hosts.row), move);
  }
  hosts.witness = undefined;
  return {
    ...{ steps, lifelines: lifelinesIn(hosts.setting) },
    ...{ happenings: teller.happenings, trace: tracer.records },
  };
}
