import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isLink, isListening, isNotice, isState } from '../cli/reports.ts';
import { forgetful } from '../cli/user.ts';
import { requires } from '../support/requirements.ts';
import { assertSound, browserUnavailable, folder, pageOf, run, visit } from './browser.ts';
import { countsDown, flashesOn, phasesIn, rest, scrollTo, watchFlashes, wholeLog } from './looking.ts';

describe('the page, in Chromium', requires('no browser', browserUnavailable()), () => {
  it('shows the three processes of a demo, whose charts went through their states in order', async () => {
    const demo = run('demo', '--json', '--inspect=39743');
    await demo.tells(isNotice);
    const seen = await visit(await pageOf(demo));
    const { page } = seen;
    for (const host of ['server', 'alice', 'bob'])
      await page.locator('tr.host .name', { hasText: host }).waitFor();
    for (const head of ['alice', 'server', 'bob']) {
      await page.locator('#sequence-heads .lifeline', { hasText: head }).waitFor();
    }
    await page.locator('#who tr.actor', { hasText: 'closed' }).first().waitFor();
    await rest(page);
    const log = await wholeLog(page);
    assert.deepEqual(
      phasesIn(log, 'alice · link to bob'),
      ['seeking', 'probing', 'verified', 'closed'],
      log.join('\n'),
    );
    assert.ok(
      log.some((row) => row.includes('alice → bob') && row.includes('Probe')),
      'datagrams have two ends',
    );
    await page.locator('.card[data-host="alice"] [data-state="link.closed"].on').waitFor();
    assertSound(seen);
    await demo.interrupt();
  });

  it('lights up states and flashes edges as they are taken, live, and counts delays down', async () => {
    const place = run('inspect', '--port', '39744', '--json');
    const seen = await visit(await pageOf(place));
    const { page } = seen;
    await page.locator('#nothing', { hasText: '--inspect' }).waitFor();
    const server = run('server', '--host', '127.0.0.1', '--port', '0', ...forgetful, '--inspect=39744');
    const { endpoint } = await server.tells(isListening);
    const address = `127.0.0.1:${endpoint.port}`;
    const bob = run('client', address, 'bob', '--json', '--inspect=39744');
    await bob.tells(isState('registered'));
    const registered = page.locator('.card[data-host="bob"] [data-state="client.joined.registered"]');
    await page.locator('.card[data-host="bob"] [data-state="client.joined"].on').waitFor();
    assert.equal(await registered.count(), 1);
    await watchFlashes(page);
    const alice = run('client', address, 'alice', 'bob', '--json', '--inspect=39744');
    await alice.tells(isLink('connected'));
    for (const who of ['alice', 'bob']) {
      await page.locator(`.card[data-host="${who}"] [data-state="link.verified"].on`).waitFor();
    }
    const flashes = await flashesOn(page);
    assert.ok(
      flashes.some((id) => id.startsWith('link.probing|datagram.probe|')),
      flashes.join('\n'),
    );
    // Delays count down in place: what is left of one that runs becomes less.
    await countsDown(page, 'alice');
    assert.ok((await page.locator('.card .next').count()) > 0, 'what is possible is marked');
    assertSound(seen);
    for (const program of [alice, bob, server, place]) await program.interrupt();
  });

  it('goes back in time and forward again, by keys, rows and the slider, and back to live in one', async () => {
    const simulation = run('simulate', '--a', 'home-router', '--b', 'symmetric', '--json', '--inspect=39745');
    await simulation.tells(isNotice);
    const seen = await visit(await pageOf(simulation));
    const { page } = seen;
    await page.locator('#who tr.actor').first().waitFor();
    await rest(page);
    const last = await page.locator('#moment').textContent();
    await page.keyboard.press('Home');
    await page.locator('#moment', { hasText: /^1 of / }).waitFor();
    assert.equal(await page.locator('#live').getAttribute('aria-pressed'), 'false');
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
    await page.locator('#moment', { hasText: /^4 of / }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.locator('#moment', { hasText: /^3 of / }).waitFor();

    // A datagram leads to its moment: the charts are as they were.
    const lookup = page.locator('#log .row.datagram', { hasText: 'Lookup(bob)' }).first();
    await scrollTo(page, lookup);
    await lookup.click();
    await page.locator('.card[data-host="alice"] [data-state="link.seeking.lookingUp"].on').waitFor();
    await page.locator('#details', { hasText: 'Lookup(bob)' }).waitFor();
    await page.locator('#details', { hasText: 'arrived after' }).waitFor();
    assert.equal(await page.locator('#sequence .row.current').count(), 1);

    // So does an arrow in the sequence.
    await page.locator('#sequence .row.datagram').first().click();
    assert.match((await page.locator('#moment').textContent()) ?? '', /^\d+ of /);

    await page.locator('#slider').focus();
    await page.locator('#slider').fill('10');
    await page.locator('#moment', { hasText: /^11 of / }).waitFor();
    await page.keyboard.press('End');
    await page.locator('#moment', { hasText: last ?? '' }).waitFor();
    await page.keyboard.press('Home');
    await page.keyboard.press('l');
    await page.locator('#moment', { hasText: last ?? '' }).waitFor();
    assert.equal(await page.locator('#live').getAttribute('aria-pressed'), 'true');
    const crossed = await page.locator('#sequence-heads .nat').count();
    assert.equal(crossed, 2, 'NATs have life lines');
    assertSound(seen);
    await simulation.interrupt();
  });

  it('finds what is searched for, and works without a mouse', async () => {
    const file = join(folder, 'run.jsonl');
    await run('simulate', '--a', 'home-router', '--b', 'full-cone', '--record', file, '--json').endsWith(0);
    const recording = run('inspect', file, '--json');
    const seen = await visit(await pageOf(recording), { reducedMotion: 'reduce' });
    const { page } = seen;
    await page.locator('#who tr.actor').first().waitFor();
    await rest(page);
    await page.keyboard.press('/');
    await page.keyboard.type('holepunchrequest');
    await page.locator('#log-told', { hasText: / of / }).waitFor();
    const found = await page.locator('#log .row .what').allTextContents();
    assert.ok(found.length > 0 && found.length < 20, found.join('\n'));
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    const current = page.locator('#log .row.current');
    assert.match((await current.textContent()) ?? '', /holePunchRequest/i);
    assert.equal(await current.getAttribute('aria-selected'), 'true');
    await page.keyboard.press('Escape');
    await page.locator('#log-told', { hasText: /^\d+$/ }).waitFor();

    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    assert.ok((await page.locator('#keys kbd').count()) > 10);
    await page.keyboard.press('Escape');
    await page.locator('#help').waitFor({ state: 'hidden' });

    const theme = await page.locator('html').getAttribute('data-theme');
    await page.keyboard.press('t');
    await page.locator(`html:not([data-theme="${theme}"])`).waitFor();

    // By Tab to the actors, by arrows from one to the next, by Enter to its chart.
    await page.locator('#who button').first().focus();
    await page.keyboard.press('ArrowDown');
    const chosen: string = await page.evaluate('document.activeElement.textContent');
    await page.keyboard.press('Enter');
    await page.locator('#who button[aria-pressed="true"]', { hasText: chosen }).waitFor();
    assert.equal(await page.locator('.card').count(), 1);
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.notEqual(outline, 'none', 'where the keys go can be seen');
    assertSound(seen);
    await recording.interrupt();
  });

  it('survives the end of the process that serves it, and shows what comes after', async () => {
    const start = () => run('server', '--host', '127.0.0.1', '--port', '0', ...forgetful, '--inspect=39746');
    const server = start();
    const url = await pageOf(server);
    const { endpoint } = await server.tells(isListening);
    const alice = run('client', `127.0.0.1:${endpoint.port}`, 'alice', '--json', '--inspect=39746');
    await alice.tells(isState('registered'));
    const seen = await visit(url);
    const { page } = seen;
    await page.locator('tr.host .name', { hasText: 'alice' }).waitFor();
    await server.interrupt();
    await page.locator('tr.host', { hasText: 'server' }).filter({ hasText: 'ended' }).waitFor();
    const again = start();
    await again.tells(isListening);
    const other = run(
      'client',
      `127.0.0.1:${(await again.tells(isListening)).endpoint.port}`,
      'bob',
      '--json',
      '--inspect=39746',
    );
    await other.tells(isState('registered'));
    await page.locator('tr.host .name', { hasText: 'bob' }).waitFor();
    await page.locator('#status[data-is="connected"]').waitFor();
    assert.equal(await page.locator('tr.host .name', { hasText: 'alice' }).count(), 1, 'alice is there once');
    await page.reload();
    await page.locator('tr.host .name', { hasText: 'bob' }).waitFor();
    assertSound(seen);
    for (const program of [alice, other, again]) await program.interrupt();
  });

  it('is opened once by an address, and tells a foreign page nothing', async () => {
    const place = run('inspect', '--port', '39747', '--json');
    const url = await pageOf(place);
    const first = await visit(url);
    await first.page.locator('#status[data-is="connected"]').waitFor();
    assert.equal(first.page.url(), 'http://127.0.0.1:39747/', 'the ticket is not left in the address');
    const second = await visit(url);
    await second.page.locator('#notice', { hasText: 'used before' }).waitFor();

    const foreign = await visit('about:blank');
    const attempts = await foreign.page.evaluate(`(async () => {
      const socket = new WebSocket('ws://127.0.0.1:39747/view?key=0');
      const opened = await new Promise((resolve) => {
        socket.onopen = () => resolve('opened');
        socket.onerror = () => resolve('refused');
      });
      const asked = await fetch('http://127.0.0.1:39747/key', { method: 'POST', body: 'x' }).then(
        ({ status }) => status,
        () => 'refused',
      );
      return [opened, asked];
    })()`);
    assert.deepEqual(attempts, ['refused', 'refused']);
    await place.interrupt();
  });

  it('passes on to the Stately Inspector what is told for it, from when it listens', async () => {
    const server = run('server', '--host', '127.0.0.1', '--port', '0', ...forgetful, '--inspect=stately');
    const { endpoint } = await server.tells(isListening);
    const alice = run('client', `127.0.0.1:${endpoint.port}`, 'alice', '--json', '--inspect=stately');
    await alice.tells(isState('registered'));
    const url = await pageOf(server);
    const { page } = await visit(url, { statelyInspector });
    const inside = page.frameLocator('#inspector');
    await inside.locator('li', { hasText: '@xstate.actor alice/client' }).waitFor();
    await inside.locator('li', { hasText: '@xstate.snapshot joined' }).first().waitFor();
    await page.locator('#notice').waitFor({ state: 'hidden' });
    await alice.interrupt();
    await server.interrupt();
  });
});

/** In place of the hosted page, which needs the internet: lists what it is told. */
const statelyInspector = `<!doctype html><ul></ul><script>
  addEventListener('message', ({ data }) => {
    const item = document.createElement('li');
    const state = data.snapshot?.value;
    item.textContent = data.type + ' ' + (data.name ?? (typeof state === 'object' ? Object.keys(state)[0] : state));
    document.querySelector('ul').append(item);
  });
  parent.postMessage({ type: '@statelyai.connected' }, '*');
</script>`;
