import {
  type Actor,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFrom,
  type InputFrom,
  type InspectionEvent,
  type SnapshotFrom,
} from 'xstate';
import type { ToPeer } from '../machines/letter-peer.ts';
import type { ToClient, ToServer } from '../machines/letter-server.ts';
import type { Ambient } from './ambient.ts';

/** Where charts come to life: their time, their chance, and who watches. */
export type Stage = Ambient & {
  /** Begins every actor's id, so that whoever watches several processes can tell them apart. */
  readonly label?: string;
  readonly inspect?: (event: InspectionEvent) => void;
  /** Hears what is sealed in a datagram, from who seals it: for those who draw it. */
  readonly overhear?: (datagram: Uint8Array, letter: Letter) => void;
};

/** What a host seals, for the server, a client or a peer. */
export type Letter = ToServer | ToClient | ToPeer;

/** What a host does for a chart. */
export type Part<Machine extends AnyStateMachine> = {
  /** Carries out one effect. */
  perform(effect: EmittedFrom<Machine>): void;
  /** Hears of every snapshot, the first included. */
  observe?(snapshot: SnapshotFrom<Machine>): void;
};

/** A chart as a live XState actor on the stage's clock. */
export type Live<Machine extends AnyStateMachine> = {
  send(event: EventFrom<Machine>): void;
  snapshot(): SnapshotFrom<Machine>;
  stop(): void;
};

/** Brings a chart to life and starts it. */
export function enact<Machine extends AnyStateMachine>(
  stage: Stage,
  machine: Machine,
  id: string,
  input: InputFrom<Machine>,
  part: Part<Machine>,
): Live<Machine> {
  const actor: Actor<AnyStateMachine> = createActor<AnyStateMachine>(machine, {
    input,
    id: stage.label === undefined ? id : `${stage.label}/${id}`,
    clock: stage.clock,
    ...(stage.inspect === undefined ? {} : { inspect: stage.inspect }),
  });
  actor.on('*', (effect) => part.perform(effect));
  actor.subscribe((snapshot) => part.observe?.(snapshot as SnapshotFrom<Machine>));
  actor.start();
  return {
    send: (event) => actor.send(event),
    snapshot: () => actor.getSnapshot() as SnapshotFrom<Machine>,
    stop: () => actor.stop(),
  };
}

/** The phase a snapshot is in: the one tag that every state of our charts has. */
export function phaseOf<Phase extends string>(snapshot: { readonly tags: ReadonlySet<string> }): Phase {
  const [phase] = snapshot.tags;
  if (phase === undefined) throw new Error('a chart rests in a state that has no tag');
  return phase as Phase;
}
