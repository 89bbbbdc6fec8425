import type { IncomingMessage } from 'node:http';
import type { Secret } from './secret.ts';

export const LOOPBACK = '127.0.0.1';

export type Errand = 'page' | 'view' | 'source';

export type Refusal = 'foreignHost' | 'foreignOrigin' | 'noKey' | 'noPage';

/** Where a browser finds the page. The key in it keeps other users of the machine out. */
export function pageUrl(port: number, secret: Secret): string {
  return `http://${LOOPBACK}:${port}/?key=${secret.prove('viewer', port)}`;
}

/** What a request is for and, if that is not granted, why. */
export function examine(
  request: IncomingMessage,
  port: number,
  secret: Secret,
): { readonly errand: Errand } | { readonly refusal: Refusal } {
  const { host, origin } = request.headers;
  const [path, query] = (request.url ?? '').split('?', 2);
  const hasKey = () => secret.accepts(new URLSearchParams(query).get('key'), 'viewer', port);
  // The page of a site that has its name resolved to this address still names its site here.
  if (host !== `${LOOPBACK}:${port}` && host !== `localhost:${port}`) return { refusal: 'foreignHost' };
  switch (path) {
    case '/':
      return hasKey() ? { errand: 'page' } : { refusal: 'noKey' };
    case '/view':
      if (origin !== `http://${host}`) return { refusal: 'foreignOrigin' };
      return hasKey() ? { errand: 'view' } : { refusal: 'noKey' };
    case '/source':
      // A browser always says which page opens a WebSocket; no page may be a source.
      return origin === undefined ? { errand: 'source' } : { refusal: 'foreignOrigin' };
    default:
      return { refusal: 'noPage' };
  }
}
