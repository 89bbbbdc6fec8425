import type { AnyActorRef, InspectionEvent } from 'xstate';
import { phaseOf } from '../stage.ts';

/** A chart has come to another phase. */
export type Arrival = {
  /** The label of its stage: who it belongs to. */
  readonly who: string;
  /** `client`, `link:bob`; the server's sessions are called after their clients. */
  readonly chart: string;
  readonly phase: string;
  readonly context: unknown;
};

/** An inspector for stages that tells each phase as it is reached. */
export function watch(tell: (arrival: Arrival) => void): (event: InspectionEvent) => void {
  const shown = new Map<string, string>();
  return (event) => {
    if (event.type !== '@xstate.snapshot') return;
    const { snapshot } = event;
    if (!('tags' in snapshot) || !('context' in snapshot)) return;
    const id = (event.actorRef as AnyActorRef).id;
    const phase = phaseOf(snapshot as { readonly tags: ReadonlySet<string> });
    // Who begins anew may be called as somebody was before.
    if (shown.get(id) === phase && event.event.type !== 'xstate.init') return;
    shown.set(id, phase);
    const slash = id.indexOf('/');
    tell({ who: id.slice(0, slash), chart: id.slice(slash + 1), phase, context: snapshot.context });
  };
}
