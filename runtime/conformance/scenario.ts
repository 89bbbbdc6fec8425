import { type Alias, isAbroad, type Role } from './cast.ts';

export type Question = {
  readonly type: 'register' | 'holePunchRequest';
  readonly name: Alias;
};

export type Step =
  /** A well-formed datagram. `about` says what it is for: an event of the chart, or a look at what became of it. */
  | { readonly type: 'say'; readonly role: Role; readonly message: Question; readonly about: string }
  /** Bytes that no client sends to a server. `spell` gives a name as it is on the wire. */
  | {
      readonly type: 'send';
      readonly role: Role;
      readonly bytes: (spell: (alias: string) => string) => Uint8Array;
      readonly about: string;
    }
  | { readonly type: 'wait'; readonly ms: number };

/** `path`: of the chart. `slow`: of the chart, with a session that expires. `datagram`: one the server must drop. */
export type ScenarioKind = 'path' | 'slow' | 'datagram';

export type Scenario = {
  readonly kind: ScenarioKind;
  /** The path's number, as `punch paths session` prints it; a datagram's, from 1. */
  readonly number: number;
  readonly title: string;
  readonly steps: readonly Step[];
};

export function say(role: Role, type: Question['type'], name: Alias, about: string): Step {
  return { type: 'say', role, message: { type, name }, about };
}

/** Whether somebody at another IP address takes part. */
export function needsAbroad({ steps }: Scenario): boolean {
  return steps.some((step) => step.type !== 'wait' && isAbroad(step.role));
}

/** How long a scenario waits at least, in ms. */
export function waitsMs({ steps }: Scenario): number {
  return steps.reduce((sum, step) => sum + (step.type === 'wait' ? step.ms : 0), 0);
}
