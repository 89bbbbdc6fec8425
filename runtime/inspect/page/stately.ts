import { part } from './dom.ts';
import { STATELY_ORIGIN } from './stately-origin.ts';
import { Stream } from './stream.ts';

/** The page around the Stately Inspector: passes on to it what processes with --inspect=stately tell. */
const inspector = part('inspector', HTMLIFrameElement);
const notice = part('notice', HTMLElement);
/** What was told so far, for an inspector that begins to listen later. */
let told: unknown[] = [];
let isListening = false;

window.addEventListener('message', (event) => {
  if (event.source !== inspector.contentWindow || event.origin !== STATELY_ORIGIN) return;
  if ((event.data as { type?: unknown } | null)?.type !== '@statelyai.connected') return;
  isListening = true;
  notice.hidden = true;
  for (const message of told) pass(message);
});

// It says that it listens once, when it is loaded: not before we do.
inspector.src = `${STATELY_ORIGIN}/inspect`;

void new Stream({
  message: (text) => {
    for (const line of text.split('\n')) {
      const record = JSON.parse(line) as readonly unknown[];
      if (record[0] !== 'stately') continue;
      told.push(record[2]);
      if (isListening) pass(record[2]);
    }
  },
  opened: () => {},
  lost: () => {
    if (told.length === 0) return;
    // All is told again by whoever takes over.
    told = [];
    isListening = false;
    notice.textContent = 'The inspected processes have ended. This page goes on when there are others.';
    notice.hidden = false;
    inspector.src = `${STATELY_ORIGIN}/inspect`;
  },
  refused: () => {
    notice.textContent = 'This address was used before: it opens the page once.';
  },
}).open();

function pass(message: unknown): void {
  inspector.contentWindow?.postMessage(message, STATELY_ORIGIN);
}
