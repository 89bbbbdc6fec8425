import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import type { AnyEventObject, InspectionEvent } from 'xstate';
import { type Ambient, realAmbient } from '../ambient.ts';
import { readFrame } from './frames.ts';
import { pageUrl } from './gate.ts';
import { type Secret, userSecret } from './secret.ts';
import { Source } from './source.ts';

/** The TCP port of the page, the same for all processes, since that is where they meet. */
export const INSPECTOR_PORT = 39_739;

/** Deep enough for every definition: the package's own limit of 10 cuts nested states off. */
const DEPTH_MAX = 40;

export type InspectionOptions = {
  /** Role and name, such as `client alice`: begins the id of every actor of this process. */
  readonly label: string;
  /** Default 39739; 0 means any free port. */
  readonly port?: number;
  readonly ambient?: Ambient;
  /** What the processes on one page share. Default: this user's, kept in the directory for temporary files. */
  readonly secret?: Secret;
};

export type Inspection = {
  /** For the `inspect` option of an actor. */
  inspect(event: InspectionEvent): void;
  /** The page to open in a browser on this machine. */
  readonly url: string;
  /** Waits until everything that was inspected is on its way to the page. */
  close(): Promise<void>;
};

/**
 * Streams charts to the Stately Inspector, on one page with all other processes of this user that do the same.
 * Rejects with a {@link PunchError} when the port or the user's secret is not to be had.
 */
export async function startInspection(options: InspectionOptions): Promise<Inspection> {
  const { label, port = INSPECTOR_PORT, ambient = realAmbient } = options;
  const secret = options.secret ?? (await userSecret());
  const prefix = `${label}/${process.pid}/`;
  const source = await Source.open({ ...ambient, port, secret, prefix });
  const conversions = new Outstanding();
  const send = (event: StatelyInspectionEvent) => {
    publish(source, event, prefix);
    conversions.finish();
  };
  const inspector = createInspector({ send }, { serializationDepthLimit: DEPTH_MAX, sanitizeEvent: veil });
  let isOpen = true;
  return {
    url: pageUrl(source.port, secret),
    inspect: (event) => {
      if (!isOpen || !isShown(event)) return;
      conversions.begin();
      inspector.inspect.next?.(event);
    },
    close: async () => {
      isOpen = false;
      await conversions.allFinished();
      await source.close();
    },
  };
}

/** The kinds of events that the inspector draws; the package drops the others. */
function isShown({ type }: InspectionEvent): boolean {
  return type === '@xstate.actor' || type === '@xstate.event' || type === '@xstate.snapshot';
}

function publish(source: Source, event: StatelyInspectionEvent, prefix: string): void {
  const frame = readFrame(textOf(identified(event, prefix)), prefix);
  if (typeof frame !== 'string') source.publish(frame);
}

/** In every process XState counts its actors from `x:0`. */
function identified(event: StatelyInspectionEvent, prefix: string): object {
  const own = (id: string | undefined) => (id === undefined ? undefined : prefix + id);
  const ids = { sessionId: prefix + event.sessionId, rootId: own(event.rootId) };
  switch (event.type) {
    case '@xstate.actor':
      return {
        ...event,
        ...ids,
        parentId: own(event.parentId),
        definition: withoutContext(event.definition),
      };
    case '@xstate.event':
      return { ...event, ...ids, sourceId: own(event.sourceId) };
    case '@xstate.snapshot':
      return { ...event, ...ids };
  }
}

/** A chart whose context is a literal has it in its definition, past what is said of the context elsewhere. */
function withoutContext(definition: string | undefined): string | undefined {
  if (definition === undefined) return undefined;
  const { context: _, ...rest } = JSON.parse(definition) as Record<string, unknown>;
  return JSON.stringify(rest);
}

/** What people say to each other stays off a page that somebody else serves. */
function veil(event: AnyEventObject): AnyEventObject {
  return typeof event.text === 'string' ? { ...event, text: `(${event.text.length} characters)` } : event;
}

/** Empty for what JSON cannot say, which is then no frame: an exception in the package's timer would end the process. */
function textOf(event: object): string {
  try {
    return JSON.stringify(event);
  } catch {
    return '';
  }
}

/** Counts what was begun and is not finished: the package converts each event a little later. */
class Outstanding {
  #count = 0;
  #whenNone: (() => void) | undefined;

  begin(): void {
    this.#count += 1;
  }

  finish(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#whenNone?.();
  }

  allFinished(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenNone = resolve;
      if (this.#count === 0) resolve();
    });
  }
}
