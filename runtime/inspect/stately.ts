import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import type { AnyEventObject, InspectionEvent } from 'xstate';
import { realAmbient, wallClockOrigin } from '../ambient.ts';
import type { Watcher } from '../watcher.ts';
import { pageUrl } from './gate.ts';
import { INSPECTOR_PORT, type Inspection, type InspectionOptions, identityOf } from './inspection.ts';
import { readLine } from './lines.ts';
import type { SourceRecord } from './records.ts';
import { userSecret } from './secret.ts';
import { Source } from './source.ts';

export type StatelyInspection = Watcher & Pick<Inspection, 'url' | 'isServingPage' | 'close'>;

/** Deep enough for every definition: the package's own limit of 10 cuts nested states off. */
const DEPTH_MAX = 40;

/**
 * Streams charts to the Stately Inspector, on one page with all other processes of this user that do the same.
 * Rejects with a {@link PunchError} when the port or the user's secret is not to be had.
 */
export async function startStatelyInspection(options: InspectionOptions): Promise<StatelyInspection> {
  const { label, port = INSPECTOR_PORT, ambient = realAmbient } = options;
  const secret = options.secret ?? (await userSecret());
  const startedAt = wallClockOrigin() + ambient.clock.now();
  const identity = identityOf(label, startedAt, 'real', false);
  const source = await Source.open({ ...ambient, port, secret, identity });
  const conversions = new Outstanding();
  const prefix = `${label}/${identity.id}/`;
  const send = (event: StatelyInspectionEvent) => {
    publish(source, event, prefix);
    conversions.finish();
  };
  const inspector = createInspector({ send }, { serializationDepthLimit: DEPTH_MAX, sanitizeEvent: veil });
  let isOpen = true;
  return {
    get url() {
      return pageUrl(source.port, secret, 'stately');
    },
    get isServingPage() {
      return source.isHub;
    },
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
  const text = textOf(['stately', prefix + event.sessionId, identified(event, prefix)]);
  const line = readLine(text);
  if (typeof line !== 'string') source.publish([line]);
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

/** Empty for what JSON cannot say, which is then no line: an exception in the package's timer would end the process. */
function textOf(record: SourceRecord): string {
  try {
    return JSON.stringify(record);
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
