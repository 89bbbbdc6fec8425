/** What a person does at the page to see all of it, and how it is read. */
import type { Page } from 'playwright-core';

/** Waits until nothing new has come for a while: as many rows as at the look before. */
export async function rest(page: Page): Promise<void> {
  let before = '';
  for (;;) {
    const text = (await page.locator('#moment').textContent()) ?? '';
    const drawn = await page.locator('.card svg').count();
    if (text === before && drawn > 0) return;
    before = text;
    await page.waitForTimeout(250);
  }
}

/** Every row of the log, as text. */
export async function wholeLog(page: Page): Promise<readonly string[]> {
  const rows = new Map<string, string>();
  await page.locator('#log').evaluate((box) => box.scrollTo(0, 0));
  for (;;) {
    await drawn(page);
    const shown = await page
      .locator('#log .row')
      .evaluateAll((found) => found.map((row) => [row.id, row.textContent ?? '']));
    for (const [id = '', text = ''] of shown) rows.set(id, text);
    const isAtEnd = await page.locator('#log').evaluate((box) => {
      const isEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 1;
      box.scrollBy(0, box.clientHeight / 2);
      return isEnd;
    });
    if (isAtEnd) break;
  }
  return [...rows.values()];
}

/** The phases that an actor came to, each once, in order. */
export function phasesIn(log: readonly string[], who: string): readonly string[] {
  const phases = log
    .filter((row) => row.includes(who) && row.includes(' → '))
    .map((row) => row.slice(row.lastIndexOf(' → ') + 3).split('.', 1)[0] ?? '');
  return phases.filter((phase, index) => phase !== phases[index - 1]);
}

export async function scrollTo(page: Page, row: ReturnType<Page['locator']>): Promise<void> {
  await page.locator('#log').evaluate((box) => box.scrollTo(0, 0));
  while ((await row.count()) === 0) {
    await page.locator('#log').evaluate((box) => box.scrollBy(0, box.clientHeight / 2));
    await drawn(page);
  }
}

/** From here on, the page notes every transition that flashes, however shortly. */
export function watchFlashes(page: Page): Promise<void> {
  return page.evaluate(`
    globalThis.flashes = [];
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const id = target.getAttribute('data-transition');
        if (id !== null && target.classList.contains('hot')) flashes.push(id);
      }
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['class'] });
  `);
}

export function flashesOn(page: Page): Promise<readonly string[]> {
  return page.evaluate('flashes');
}

/** Waits until what is left of some delay on a host's charts has become less. */
export async function countsDown(page: Page, host: string): Promise<void> {
  const longest = `Math.max(...[...document.querySelectorAll('.card[data-host="${host}"] [data-timer]')]
    .map((bar) => Number(bar.style.getPropertyValue('--left'))).filter((share) => share > 0 && share < 1))`;
  let before = Number.NEGATIVE_INFINITY;
  for (;;) {
    const left = Number(await page.evaluate(longest));
    if (left < before) return;
    if (Number.isFinite(left)) before = left;
    await drawn(page);
  }
}

/** Waits until the page has been drawn with what it knows. */
function drawn(page: Page): Promise<void> {
  return page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))',
  );
}

export type Frames = {
  readonly count: number;
  readonly median: number;
  readonly slow: number;
  readonly slowest: number;
};

/** Scrolls a list from end to end, a little each frame, and says how long the frames took, in ms. */
export function framesWhile(page: Page, list: string): Promise<Frames> {
  return page.evaluate(`new Promise((done) => {
    const box = document.getElementById('${list}');
    const times = [];
    let before = performance.now();
    let step = 0;
    const next = () => {
      const now = performance.now();
      times.push(now - before);
      before = now;
      step += 1;
      box.scrollTop = (step % 2 === 0 ? step : 120 - step) / 120 * (box.scrollHeight - box.clientHeight);
      if (step < 120) return requestAnimationFrame(next);
      times.sort((one, other) => one - other);
      const at = (share) => times[Math.floor(share * (times.length - 1))];
      done({ count: times.length, median: at(0.5), slow: at(0.9), slowest: at(1) });
    };
    requestAnimationFrame(next);
  })`);
}
