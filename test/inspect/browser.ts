/** A real Chromium at the page of real programs. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { mainFile, Program } from '../cli/program.ts';
import { isInspector } from '../cli/reports.ts';

const PROGRAM = process.env.PUNCH_CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no browser to test with, and what would help. */
export function browserUnavailable(): string | undefined {
  return existsSync(PROGRAM)
    ? undefined
    : 'not installed: chromium; apt-get install chromium, or set PUNCH_CHROMIUM to another';
}

/** It asks nobody for anything, and needs neither a sandbox nor a graphics card. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Keeps the secret of these runs apart from the user's own. */
export const folder = mkdtempSync(join(tmpdir(), 'punch-page-'));
let browser: Browser | undefined;
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** A `punch` command of a user whose processes meet at a place of their own. */
export function run(...given: readonly string[]): Program {
  return new Program([process.execPath, mainFile, ...given], {
    environment: { TMPDIR: folder },
    deadlineMs: 110_000,
  });
}

/** Where a program says that its page is. */
export async function pageOf(program: Program): Promise<string> {
  return (await program.tells(isInspector)).url;
}

export type Visit = {
  readonly page: Page;
  /** Every request that left the page, by its address. */
  readonly requests: readonly string[];
  /** Errors of the page itself. */
  readonly errors: readonly string[];
};

/** Opens the page in a browser that has never been there. The text stands for the Stately Inspector's own page. */
export async function visit(
  url: string,
  {
    statelyInspector,
    ...options
  }: { readonly reducedMotion?: 'reduce'; readonly statelyInspector?: string } = {},
): Promise<Visit> {
  browser ??= await chromium.launch({ executablePath: PROGRAM, args });
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('pageerror', (error) => errors.push(String(error)));
  if (statelyInspector !== undefined) {
    await context.route('https://stately.ai/**', (route) =>
      route.fulfill({ body: statelyInspector, contentType: 'text/html' }),
    );
  }
  await page.goto(url);
  return { page, requests, errors };
}

/** Nothing went wrong on the page, and nothing left the machine. */
export function assertSound({ requests, errors }: Visit): void {
  assert.deepEqual(errors, []);
  const strange = requests.filter((url) => new URL(url).hostname !== '127.0.0.1');
  assert.deepEqual(strange, [], 'requests to elsewhere');
  assert.ok(requests.length > 5);
}
