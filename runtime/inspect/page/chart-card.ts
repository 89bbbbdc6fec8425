import { element } from './dom.ts';
import type { Drawings } from './drawings.ts';
import { type Actor, activeStates, type Step, timersAfter } from './history.ts';
import { durationText } from './time-text.ts';
import { eventText, subjectOf } from './words.ts';

/** Smaller than this, a chart cannot be read: it is shown in part then, where something happens. */
const SCALE_MIN = 0.8;

/** The chart of one actor: where it is, what it has just done, what is possible next, and what it waits for. */
export class ChartCard {
  readonly root: HTMLElement;
  readonly #actor: Actor;
  readonly #title: HTMLElement;
  readonly #pill: HTMLElement;
  readonly #wait: HTMLElement;
  readonly #viewport: HTMLElement;
  readonly #states = new Map<string, Element[]>();
  readonly #transitions = new Map<string, Element[]>();
  readonly #timers = new Map<string, Element[]>();
  #svg: SVGSVGElement | undefined;
  #step: Step | undefined;
  #recent: readonly Step[] = [];
  #zoom = 1;

  constructor(actor: Actor, drawings: Drawings) {
    this.#actor = actor;
    this.#pill = element('span', { class: 'pill' });
    this.#wait = element('span', { class: 'wait' });
    this.#title = element(
      'header',
      {},
      element('span', { class: 'name' }, actor.host.name),
      element('span', { class: 'about' }, subjectOf(actor.id)),
      this.#wait,
      this.#pill,
    );
    this.#viewport = element(
      'div',
      { class: 'viewport', tabindex: 0, role: 'img' },
      element('p', { class: 'hint' }, 'Drawing the chart…'),
    );
    this.root = element(
      'section',
      { class: 'card', 'data-actor': actor.id, 'data-host': actor.host.name },
      this.#title,
      this.#viewport,
    );
    new ResizeObserver(() => this.#fit()).observe(this.#viewport);
    void this.#draw(drawings);
  }

  /** The state after a step, and what was taken in it and the `recent` steps before it. */
  show(step: Step | undefined, recent: readonly Step[], now: number): void {
    const isOther = step !== this.#step;
    this.#step = step;
    this.#pill.textContent = step?.state ?? 'not begun';
    this.#viewport.setAttribute(
      'aria-label',
      `Chart of ${this.#actor.host.name}, ${this.#actor.id}: ${step?.state ?? 'not begun'}`,
    );
    this.root.classList.toggle('over', step?.details.ended !== undefined);
    // What happens before there is a drawing is shown as soon as there is.
    this.#recent = this.#svg === undefined ? [...this.#recent, ...recent] : recent;
    if (isOther) this.#light();
    this.#count(now);
  }

  zoomBy(factor: number): void {
    this.#zoom = factor === 0 ? 1 : Math.min(Math.max(this.#zoom * factor, 0.4), 4);
    this.#fit();
  }

  async #draw(drawings: Drawings): Promise<void> {
    const svg = await drawings.of(this.#actor.source, this.#actor.chart);
    if (svg === undefined) {
      this.#viewport.replaceChildren(element('p', { class: 'hint' }, 'This chart cannot be drawn now.'));
      return;
    }
    this.#svg = svg;
    this.#viewport.replaceChildren(svg);
    for (const [attribute, table] of [
      ['data-state', this.#states],
      ['data-transition', this.#transitions],
      ['data-timer', this.#timers],
    ] as const) {
      for (const part of svg.querySelectorAll(`[${attribute}]`)) {
        const id = part.getAttribute(attribute) ?? '';
        table.set(id, [...(table.get(id) ?? []), part]);
      }
    }
    this.#fit();
    this.#light();
  }

  #light(): void {
    const step = this.#step;
    const active = step === undefined ? new Set<string>() : activeStates(this.#actor.chart.name, step.state);
    toggle(this.#states, 'on', (id) => active.has(id));
    const taken = new Set(this.#recent.flatMap((each) => each.taken));
    const isOver = step?.details.ended !== undefined;
    toggle(this.#transitions, 'next', (id) => !isOver && active.has(sourceOf(id)));
    // Off first: what is taken twice in a row flashes twice.
    toggle(this.#transitions, 'hot', () => false);
    this.#svg?.getBoundingClientRect();
    toggle(this.#transitions, 'hot', (id) => taken.has(id));
    this.center();
  }

  /** What is left of each delay, in its place on the chart; and of the next one, in words. */
  #count(now: number): void {
    const running = this.#step === undefined ? undefined : timersAfter(this.#step);
    for (const [id, parts] of this.#timers) {
      const timer = running?.get(timerOf(id));
      const left = timer === undefined ? 0 : Math.min(Math.max((timer.dueAt - now) / timer.delayMs, 0), 1);
      for (const part of parts) {
        if (part instanceof SVGElement) part.style.setProperty('--left', left.toFixed(3));
      }
    }
    const [next] = [...(running ?? [])].sort(([, one], [, other]) => one.dueAt - other.dueAt);
    const text =
      next === undefined ? '' : `${eventText(next[0])} in ${durationText(Math.max(next[1].dueAt - now, 0))}`;
    if (this.#wait.textContent !== text) this.#wait.textContent = text.replace('after ', '');
  }

  #fit(): void {
    const svg = this.#svg;
    if (svg === undefined) return;
    const { width, height } = svg.viewBox.baseVal;
    const { clientWidth, clientHeight } = this.#viewport;
    const whole = Math.min((clientWidth - 16) / width, (clientHeight - 16) / height, 1.15);
    const scale = Math.max(whole, SCALE_MIN) * this.#zoom;
    svg.setAttribute('width', String(Math.round(width * scale)));
    svg.setAttribute('height', String(Math.round(height * scale)));
    this.center();
  }

  /** Brings the innermost active state into the middle, if there is more than fits. */
  center(): void {
    const on = [...this.#states.values()].flat().filter((part) => part.classList.contains('on'));
    const innermost = on.at(-1);
    if (innermost === undefined) return;
    const view = this.#viewport.getBoundingClientRect();
    const box = innermost.getBoundingClientRect();
    this.#viewport.scrollTo({
      left: this.#viewport.scrollLeft + box.left + box.width / 2 - view.left - view.width / 2,
      top: this.#viewport.scrollTop + box.top + box.height / 2 - view.top - view.height / 2,
    });
  }
}

function toggle(
  table: ReadonlyMap<string, readonly Element[]>,
  name: string,
  isSo: (id: string) => boolean,
): void {
  for (const [id, parts] of table) {
    const is = isSo(id);
    for (const part of parts) part.classList.toggle(name, is);
  }
}

/** The event that a transition with a delay waits for: `client.joining|after retry|0` is `xstate.after.retry.client.joining`. */
function timerOf(transition: string): string {
  const [source = '', trigger = ''] = transition.split('|');
  return `xstate.${trigger.replace(/^after /, 'after.')}.${source}`;
}

/** The state that a transition leaves, by its id. */
function sourceOf(transition: string): string {
  return transition.split('|', 1)[0] ?? '';
}
