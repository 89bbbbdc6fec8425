/** The longest frame that is passed on. The charts' definitions take about 3 kB. */
export const FRAME_BYTES_MAX = 64 * 1024;

/** One event of the inspector's protocol as it travels, and what the processes on its way need to know of it. */
export type Frame = {
  readonly kind: 'registration' | 'snapshot' | 'event';
  /** The actor's id, which no other process has. */
  readonly actor: string;
  /** Whether the actor has ended with it. */
  readonly isLast: boolean;
  readonly text: string;
};

export type FrameFault = 'tooLong' | 'notJson' | 'unknownType' | 'foreignActor';

/** The frame that a text is, or why it is none. Actors that a source speaks of have its prefix. */
export function readFrame(text: string, prefix: string): Frame | FrameFault {
  if (Buffer.byteLength(text) > FRAME_BYTES_MAX) return 'tooLong';
  const event = parsed(text);
  if (event === undefined) return 'notJson';
  const kind = kinds.get(event.type);
  if (kind === undefined) return 'unknownType';
  const actor = event.sessionId;
  if (typeof actor !== 'string' || !actor.startsWith(prefix)) return 'foreignActor';
  return { kind, actor, isLast: kind === 'snapshot' && event.snapshot?.status !== 'active', text };
}

type Fields = {
  readonly type?: unknown;
  readonly sessionId?: unknown;
  readonly snapshot?: { readonly status?: unknown } | null;
};

const kinds = new Map<unknown, Frame['kind']>([
  ['@xstate.actor', 'registration'],
  ['@xstate.snapshot', 'snapshot'],
  ['@xstate.event', 'event'],
]);

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
