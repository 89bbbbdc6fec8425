import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import { outgoing, stateNodesOf } from '../exploration/anatomy.ts';
export function transitionIds(machine: AnyStateMachine): Map<AnyTransitionDefinition, string> {
  const ids = new Map<AnyTransitionDefinition, string>();
  for (const node of stateNodesOf(machine))
    outgoing(node).forEach((t, i) => {
      ids.set(t, `${node.id}|${t.eventType}|${i}`);
    });
  return ids;
}
