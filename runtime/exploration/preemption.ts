/**
 * Where parallel regions heed one event, XState enables a transition of each, and then drops those that would leave a
 * state that another leaves too. It tells inspectors what it has enabled, so the dropping is repeated here, as SCXML
 * has it. A transition that enters its region anew leaves all regions: XState never leaves one alone.
 */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { isWithin } from './anatomy.ts';

/** Of the transitions that are enabled in one microstep, those that are taken. */
export function withoutPreempted(
  enabled: readonly AnyTransitionDefinition[],
): readonly AnyTransitionDefinition[] {
  let taken: readonly AnyTransitionDefinition[] = [];
  for (const transition of enabled) {
    const rivals = taken.filter((other) => conflicts(transition, other));
    const isInner = rivals.every(
      ({ source }) => source !== transition.source && isWithin(transition.source, source),
    );
    if (isInner) taken = [...taken.filter((other) => !rivals.includes(other)), transition];
  }
  return taken;
}

/** The state that a transition stays in while it leaves what is active within; undefined if it leaves nothing. */
export function domainOf({ source, target, reenter }: AnyTransitionDefinition): AnyStateNode | undefined {
  if (target === undefined) return undefined;
  if (!reenter && target.every((node) => isWithin(node, source))) return source;
  let domain = source.parent ?? source;
  while (domain.parent !== undefined && !target.every((node) => node !== domain && isWithin(node, domain))) {
    domain = domain.parent;
  }
  return domain;
}

function conflicts(a: AnyTransitionDefinition, b: AnyTransitionDefinition): boolean {
  const [one, other] = [domainOf(a), domainOf(b)];
  if (one === undefined || other === undefined) return false;
  const inner = isWithin(one, other) ? one : isWithin(other, one) ? other : undefined;
  return inner !== undefined && Object.keys(inner.states).length > 0;
}
