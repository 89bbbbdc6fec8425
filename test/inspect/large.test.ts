import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Program } from '../cli/program.ts';
import { isStatus } from '../cli/reports.ts';
import { requires } from '../support/requirements.ts';
import { assertSound, browserUnavailable, folder, pageOf, run, visit } from './browser.ts';
import { crowdedServer, recordMany } from './crowded.ts';
import { framesWhile } from './looking.ts';

const EVENTS = 100_000;
const SESSIONS = 100_000;

describe('the page with very much to show', requires('no browser', browserUnavailable()), () => {
  it('opens a recording of 100,000 events and scrolls through it', async (t) => {
    const file = join(folder, 'many.jsonl');
    recordMany(file, EVENTS);
    const startedAt = performance.now();
    const recording = run('inspect', file, '--json');
    const url = await pageOf(recording);
    const servedAt = performance.now();
    const seen = await visit(url);
    const { page } = seen;
    await page.locator('#log .row').first().waitFor();
    const visibleAt = performance.now();
    await page.locator('#moment', { hasText: /of 1[0-9]{5} / }).waitFor();
    const wholeAt = performance.now();
    for (const list of ['log', 'sequence']) {
      const frames = await framesWhile(page, list);
      assert.ok(frames.count > 30, `${frames.count} frames`);
      t.diagnostic(
        `${list}: ${frames.count} frames while scrolling, median ${frames.median.toFixed(1)} ms, ` +
          `slowest of ten ${frames.slow.toFixed(1)} ms, slowest ${frames.slowest.toFixed(1)} ms`,
      );
    }
    // Rows that cannot be seen are not there.
    assert.ok((await page.locator('#log .row').count()) < 60);
    assert.ok((await page.locator('#sequence .row').count()) < 60);
    await page.keyboard.press('Home');
    await page.locator('#moment', { hasText: /^1 of / }).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('/');
    await page.keyboard.type('client-17 ');
    await page.locator('#log-told', { hasText: / of / }).waitFor();
    t.diagnostic(
      `${EVENTS} events: the page was served after ${Math.round(servedAt - startedAt)} ms, showed something ` +
        `${Math.round(visibleAt - servedAt)} ms later, and all ${Math.round(wholeAt - startedAt)} ms after the start`,
    );
    assertSound(seen);
    await recording.interrupt();
  });

  it('shows 100,000 sessions by their states, and opens one that is searched for', async (t) => {
    const file = join(folder, 'crowded.mjs');
    writeFileSync(file, crowdedServer(resolve('dist'), SESSIONS, 39_748));
    const place = run('inspect', '--port', '39748', '--json');
    const seen = await visit(await pageOf(place));
    const server = new Program([process.execPath, file], {
      environment: { TMPDIR: folder },
      deadlineMs: 110_000,
    });
    await server.tells(isStatus);
    const { page } = seen;
    await page.locator('.crowd strong', { hasText: '100,000' }).waitFor();
    await page.locator('.count', { hasText: 'registered' }).filter({ hasText: '100,000' }).waitFor();
    assert.ok((await page.locator('#who tr').count()) < 100);
    await page.locator('#search').fill('client-77123');
    const found = page.locator('tr.found', { hasText: 'client-77123' });
    await found.click();
    await page.locator('tr.actor:not(.found)', { hasText: 'client-77123' }).locator('button').click();
    await page.locator('.card', { hasText: 'client-77123' }).waitFor();
    server.types('77123\n');
    await page.locator('#log .row', { hasText: 'datagram.register' }).first().waitFor();
    t.diagnostic(`the page holds ${await page.locator('*').count()} elements`);
    assertSound(seen);
    await server.interrupt();
    await place.interrupt();
  });
});
