import { element, shape } from './dom.ts';
import { type Datagram, type Item, phaseOf, placeAt, type Step } from './history.ts';
import { Lifelines } from './lifelines.ts';
import type { Scene } from './scene.ts';
import { momentText } from './time-text.ts';
import { VirtualList } from './virtual-list.ts';
import { fateText, subjectOf, whatOf } from './words.ts';

const ROW_HEIGHT = 38;
const TIME_WIDTH = 64;
const MARGIN = 36;

/** Life lines from left to right, and every datagram and change of state on its way down. */
export class SequenceView {
  readonly #box: HTMLElement;
  readonly #heads: HTMLElement;
  readonly #list: VirtualList;
  readonly #chosen: (item: Item) => void;
  readonly #lifelines = new Lifelines();
  #scene: Scene | undefined;
  #shown: Item[] = [];
  #looked = 0;
  #lookedIn: readonly Item[] = [];
  #current: Item | undefined;
  /** The row that was brought into view last. */
  #goal = -1;
  #width = 0;

  constructor(box: HTMLElement, heads: HTMLElement, filler: HTMLElement, chosen: (item: Item) => void) {
    this.#box = box;
    this.#heads = heads;
    this.#chosen = chosen;
    this.#list = new VirtualList(box, filler, ROW_HEIGHT, (index) => this.#row(index));
    new ResizeObserver(() => this.#resize()).observe(box);
    box.addEventListener('keydown', (event) => this.#move(event));
  }

  show(scene: Scene, current: Item | undefined, isLive: boolean): void {
    this.#scene = scene;
    this.#look(scene);
    this.#current = current;
    if (this.#lifelines.update(scene)) this.#drawHeads();
    this.#list.count = this.#shown.length;
    this.#list.redraw();
    const goal = isLive || current === undefined ? this.#shown.length - 1 : this.#placeOf(current);
    // What has not moved is left where whoever scrolled has it.
    if (goal === this.#goal || goal < 0) return;
    this.#goal = goal;
    this.#list.reveal(goal);
  }

  /** States are shown when a chart comes to another phase; what happens within one is for the log. */
  #look(scene: Scene): void {
    if (scene.items !== this.#lookedIn) {
      this.#lookedIn = scene.items;
      this.#shown = [];
      this.#looked = 0;
      this.#lifelines.forget();
    }
    for (; this.#looked < scene.items.length; this.#looked += 1) {
      const item = scene.items[this.#looked];
      if (item === undefined || (item.kind === 'step' && !item.isArrival)) continue;
      if (item.kind === 'datagram') this.#lifelines.endsOf(scene, item);
      this.#shown.push(item);
    }
  }

  /** The row of an item, or of the last one before it. */
  #placeOf({ order }: Item): number {
    return Math.max(placeAt(this.#shown, order), 0);
  }

  #resize(): void {
    if (this.#box.clientWidth === this.#width) return;
    this.#width = this.#box.clientWidth;
    this.#drawHeads();
    this.#list.redraw();
  }

  #drawHeads(): void {
    this.#heads.replaceChildren(
      ...this.#lifelines.lines.map(({ name, role }, place) => {
        const head = element(
          'span',
          { class: `lifeline ${role}`, title: name },
          role === 'nat' ? name.replace(/^.*'s /, '').replace(/ NAT$/, '') : name,
        );
        head.style.left = `${this.#x(place)}px`;
        head.style.maxWidth = `${this.#gap() - 6}px`;
        return head;
      }),
    );
  }

  #gap(): number {
    const lines = this.#lifelines.lines.length;
    return (Math.max(this.#width, 200) - TIME_WIDTH - 2 * MARGIN) / Math.max(lines - 1, 1);
  }

  #x(place: number): number {
    const { length } = this.#lifelines.lines;
    return TIME_WIDTH + MARGIN + (length === 1 ? this.#gap() / 2 : place * this.#gap());
  }

  #row(index: number): SVGElement {
    const item = this.#shown[index];
    const scene = this.#scene;
    if (item === undefined || scene === undefined) return shape('svg');
    const now = this.#current?.order ?? 0;
    const isCurrent = index === this.#placeOf(this.#current ?? item);
    const name = `row ${item.kind}${isCurrent ? ' current' : ''}${item.order > now ? ' later' : ''}`;
    const row = shape(
      'svg',
      {
        class: name,
        width: this.#width,
        height: ROW_HEIGHT,
        role: 'option',
        'aria-selected': isCurrent,
        'aria-label': whatOf(item),
      },
      shape('rect', { class: 'back', width: this.#width, height: ROW_HEIGHT }),
      shape('text', { class: 'at', x: TIME_WIDTH - 12, y: 23 }, momentText(scene, item.at)),
      ...this.#lifelines.lines.map(({ role }, place) =>
        shape('line', {
          class: `lifeline ${role}`,
          x1: this.#x(place),
          x2: this.#x(place),
          y1: 0,
          y2: ROW_HEIGHT,
        }),
      ),
      ...this.#contentOf(scene, item),
    );
    row.addEventListener('click', () => this.#chosen(item));
    return row;
  }

  #contentOf(scene: Scene, item: Item): Element[] {
    switch (item.kind) {
      case 'datagram':
        return this.#arrow(scene, item);
      case 'step':
        return this.#pill(item);
      case 'note': {
        const place = this.#lifelines.placeOf(item.host);
        const x = place === undefined ? TIME_WIDTH + 4 : this.#x(place);
        return [
          shape('circle', { class: 'note', cx: x, cy: 19, r: 4 }),
          this.#text(item.message, x + 9, 23, 'start', 'note'),
        ];
      }
    }
  }

  #arrow(scene: Scene, datagram: Datagram): Element[] {
    const [from, to] = this.#lifelines.endsOf(scene, datagram);
    const { fate } = datagram;
    const start = this.#x(from ?? to ?? 0);
    const isStub = from === undefined || to === undefined;
    const full = isStub ? start + (start > this.#width / 2 ? -STUB : STUB) : this.#x(to);
    const stop = fate.type === 'dropped' ? this.#placeByName(fate.by) : undefined;
    const isEnded = fate.type === 'lost' || fate.type === 'dropped';
    const end = stop ?? (isEnded ? (start + full) / 2 : full);
    const direction = end < start ? -1 : 1;
    const middle = Math.min(Math.max((start + full) / 2, TIME_WIDTH + 60), this.#width - 70);
    const tip = end - direction * 2;
    return [
      shape('line', { class: `arrow ${fate.type}`, x1: start, x2: tip, y1: 27, y2: 27 }),
      isEnded
        ? shape('path', { class: 'cross', d: `M${end - 4} 23l8 8m0 -8l-8 8` })
        : shape('path', { class: `tip ${fate.type}`, d: `M${tip} 27l${-direction * 7} -4v8z` }),
      this.#text(`${datagram.message}${fateText(fate)}`, middle, 18, 'middle', fate.type),
    ];
  }

  #placeByName(name: string): number | undefined {
    const place = this.#lifelines.lines.findIndex((line) => line.name === name);
    return place < 0 ? undefined : this.#x(place);
  }

  #pill(step: Step): Element[] {
    const { host, id } = step.actor;
    const place = this.#lifelines.placeOf(host);
    if (place === undefined) return [];
    const about = id === 'client' ? '' : `${subjectOf(id).replace(/^link to /, 'to ')}: `;
    const text = `${about}${phaseOf(step.state)}`;
    const width = text.length * 6.4 + 18;
    const x = Math.min(Math.max(this.#x(place), TIME_WIDTH + width / 2), this.#width - width / 2 - 4);
    return [
      shape('rect', {
        class: 'pill',
        'data-phase': phaseOf(step.state),
        x: x - width / 2,
        y: 8,
        width,
        height: 22,
        rx: 11,
      }),
      shape('text', { class: 'pill', x, y: 23 }, text),
    ];
  }

  /** What does not fit is cut off, and said in full where the pointer rests. */
  #text(text: string, x: number, y: number, anchor: 'start' | 'middle', name: string): SVGTextElement {
    const room = anchor === 'middle' ? 2 * Math.min(x - TIME_WIDTH, this.#width - x) : this.#width - x;
    const fits = Math.max(Math.floor((room - 8) / CHARACTER_WIDTH), 4);
    const shown = text.length <= fits ? text : `${text.slice(0, fits - 1)}…`;
    return shape(
      'text',
      { class: `label ${name}`, x, y, 'text-anchor': anchor },
      shown,
      shape('title', {}, text),
    );
  }

  #move(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    const current = this.#current;
    if (by === undefined || current === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = this.#shown[Math.min(Math.max(this.#placeOf(current) + by, 0), this.#shown.length - 1)];
    if (next !== undefined) this.#chosen(next);
  }
}

const STUB = 46;
const CHARACTER_WIDTH = 6.3;
