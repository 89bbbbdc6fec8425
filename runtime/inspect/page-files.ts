import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { drawingStyle } from '../drawing/style.ts';
import { STATELY_ORIGIN } from './page/stately-origin.ts';

export type File = { readonly type: string; readonly content: Buffer; readonly frames?: string };

/** A file of the page, as it was built beside this one; undefined if there is none at that path. */
export function fileFor(path: string): File | undefined {
  const [, theme] = /^\/drawing-(light|dark)\.css$/.exec(path) ?? [];
  if (theme !== undefined) {
    return { type: types['.css'], content: Buffer.from(drawingStyle(theme as 'light' | 'dark')) };
  }
  const place = pages[path] ?? (/^\/page\/[a-z-]+\.(js|css|svg)$/.test(path) ? path.slice(1) : undefined);
  if (place === undefined) return undefined;
  const type = types[extname(place) as keyof typeof types];
  const content = contentOf(place);
  if (content === undefined) return undefined;
  return { type, content, ...(path === '/stately' ? { frames: STATELY_ORIGIN } : {}) };
}

const pages: Readonly<Record<string, string>> = { '/': 'page/page.html', '/stately': 'page/stately.html' };

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
} as const;

/** The headers of a file that is asked for at `host`: a page that reaches nothing but its hub. */
export function headersFor({ type, frames = "'none'" }: File, host: string): Record<string, string> {
  return {
    'Content-Type': type,
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      `connect-src 'self' ws://${host}`,
      `frame-src ${frames}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}

function contentOf(place: string): Buffer | undefined {
  try {
    return readFileSync(new URL(place, import.meta.url));
  } catch {
    return undefined;
  }
}
