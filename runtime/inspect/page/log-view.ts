import { element } from './dom.ts';
import { type Item, placeAt } from './history.ts';
import type { Scene } from './scene.ts';
import { momentText } from './time-text.ts';
import { VirtualList } from './virtual-list.ts';
import { searchTextOf, whatOf, whoOf } from './words.ts';

const ROW_HEIGHT = 26;

/** Everything that has happened, a row each; with a search, what it finds. */
export class LogView {
  readonly #box: HTMLElement;
  readonly #list: VirtualList;
  readonly #told: HTMLElement;
  readonly #chosen: (item: Item) => void;
  #scene: Scene | undefined;
  #search = '';
  /** What the search has found among the first so many items. */
  #found: Item[] = [];
  #searched = 0;
  #searchedIn: readonly Item[] = [];
  #current: Item | undefined;
  /** The row that was brought into view last. */
  #goal = -1;

  constructor(box: HTMLElement, filler: HTMLElement, told: HTMLElement, chosen: (item: Item) => void) {
    this.#box = box;
    this.#told = told;
    this.#chosen = chosen;
    this.#list = new VirtualList(box, filler, ROW_HEIGHT, (index) => this.#row(index));
    box.addEventListener('keydown', (event) => this.#move(event));
  }

  show(scene: Scene, current: Item | undefined, isLive: boolean, search: string): void {
    this.#scene = scene;
    this.#look(scene, search);
    this.#current = current;
    this.#list.count = this.#found.length;
    const all = scene.items.length.toLocaleString('en');
    this.#told.textContent = search === '' ? all : `${this.#found.length.toLocaleString('en')} of ${all}`;
    const place = current === undefined ? -1 : this.#placeOf(current);
    const goal = isLive && search === '' ? this.#found.length - 1 : place;
    // What has not moved is left where whoever scrolled has it.
    if (goal === this.#goal || goal < 0) return;
    this.#goal = goal;
    this.#list.reveal(goal);
    this.#box.setAttribute('aria-activedescendant', `log-${place}`);
  }

  /** Looks through what has come since it looked last. */
  #look(scene: Scene, search: string): void {
    const wanted = search.toLowerCase();
    if (search === '') {
      this.#found = scene.items;
      this.#searchedIn = scene.items;
    } else {
      if (search !== this.#search || scene.items !== this.#searchedIn) {
        this.#found = [];
        this.#searched = 0;
        this.#searchedIn = scene.items;
      }
      for (; this.#searched < scene.items.length; this.#searched += 1) {
        const item = scene.items[this.#searched];
        if (item !== undefined && searchTextOf(item).includes(wanted)) this.#found.push(item);
      }
    }
    this.#search = search;
  }

  /** The row of an item, or of the last one before it. */
  #placeOf({ order }: Item): number {
    return Math.max(placeAt(this.#found, order), 0);
  }

  #row(index: number): HTMLElement {
    const item = this.#found[index];
    const scene = this.#scene;
    if (item === undefined || scene === undefined) return element('div');
    const isCurrent = item === this.#current;
    const row = element(
      'div',
      {
        class: `row ${item.kind}${isCurrent ? ' current' : ''}`,
        role: 'option',
        id: `log-${index}`,
        'aria-selected': isCurrent,
        'aria-posinset': index + 1,
        'aria-setsize': this.#found.length,
      },
      element('span', { class: 'at' }, momentText(scene, item.at)),
      element('span', { class: 'who' }, whoOf(item)),
      element('span', { class: 'what', title: detailsOf(item) }, whatOf(item)),
    );
    if (item.kind === 'datagram') row.dataset.fate = item.fate.type;
    row.addEventListener('click', () => this.#chosen(item));
    return row;
  }

  /** Up and down go from row to row, past what the search leaves out. */
  #move(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined || this.#found.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const place = this.#current === undefined ? -1 : this.#placeOf(this.#current);
    const next = this.#found[Math.min(Math.max(place + by, 0), this.#found.length - 1)];
    if (next !== undefined) this.#chosen(next);
  }
}

function detailsOf(item: Item): string {
  if (item.kind === 'step') return JSON.stringify(item.details.event ?? {}).slice(0, 400);
  if (item.kind === 'datagram') return `${item.from} → ${item.to}, ${item.bytes} bytes`;
  return item.message;
}
