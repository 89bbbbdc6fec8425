import { createHash } from 'node:crypto';

/** The hosted page that draws the charts. */
export const STATELY_INSPECTOR = 'https://stately.ai/inspect';

/**
 * Runs in the browser. It asks for frames when the inspector in the iframe says that it listens, and never tells the
 * relay anything. When another process has taken over the relay, the inspector starts afresh, since all is told again.
 */
const script = `
const inspector = document.getElementById('inspector');
const notice = document.getElementById('notice');
const origin = new URL(inspector.src).origin;
let stream;

window.addEventListener('message', (event) => {
  if (event.source !== inspector.contentWindow || event.origin !== origin) return;
  if (event.data?.type === '@statelyai.connected') follow();
});

function follow() {
  notice.hidden = true;
  stream?.close();
  const current = openStream();
  stream = current;
  current.onmessage = ({ data }) => inspector.contentWindow.postMessage(JSON.parse(data), origin);
  current.onclose = () => {
    if (stream === current) awaitRelay();
  };
}

function awaitRelay() {
  notice.textContent = 'The inspected processes have ended. This page goes on when there are others.';
  notice.hidden = false;
  setTimeout(() => {
    const probe = openStream();
    probe.onclose = awaitRelay;
    probe.onopen = () => {
      probe.onclose = null;
      probe.close();
      inspector.src = inspector.src;
    };
  }, 1000);
}

function openStream() {
  return new WebSocket('ws://' + location.host + '/view' + location.search);
}
`;

const style = `
* { margin: 0; padding: 0; }
html, body { height: 100%; }
iframe { width: 100%; height: 100%; border: none; }
p { position: fixed; bottom: 0; width: 100%; padding: 0.5em; text-align: center; font: 1em sans-serif; background: #fe9; }
p[hidden] { display: none; }
`;

export const bridgePage = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>punch: live charts</title><style>${style}</style></head>
<body>
<iframe id="inspector" title="Stately Inspector" src="${STATELY_INSPECTOR}"></iframe>
<p id="notice">Loading the Stately Inspector from ${new URL(STATELY_INSPECTOR).host}, which needs the internet.</p>
<script>${script}</script>
</body>
</html>
`;

/** The headers of the page when it is asked for at `host`. */
export function bridgeHeaders(host: string): Record<string, string> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': [
      "default-src 'none'",
      `script-src '${hashOf(script)}'`,
      `style-src '${hashOf(style)}'`,
      `frame-src ${new URL(STATELY_INSPECTOR).origin}`,
      `connect-src ws://${host}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
