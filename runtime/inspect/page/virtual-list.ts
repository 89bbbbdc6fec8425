/** A list of any length: only the rows that can be seen are in the page. */
export class VirtualList {
  readonly #scroller: HTMLElement;
  readonly #filler: HTMLElement;
  readonly #rowHeight: number;
  readonly #rowFor: (index: number) => HTMLElement | SVGElement;
  #count = 0;
  #planned = false;

  /** `filler` is in `scroller` and gets the height of all rows; rows are placed in it. */
  constructor(
    scroller: HTMLElement,
    filler: HTMLElement,
    rowHeight: number,
    rowFor: (index: number) => HTMLElement | SVGElement,
  ) {
    this.#scroller = scroller;
    this.#filler = filler;
    this.#rowHeight = rowHeight;
    this.#rowFor = rowFor;
    scroller.addEventListener('scroll', () => this.redraw(), { passive: true });
    new ResizeObserver(() => this.redraw()).observe(scroller);
  }

  set count(count: number) {
    if (count !== this.#count) this.#filler.style.height = `${count * this.#rowHeight}px`;
    this.#count = count;
    this.redraw();
  }

  /** Brings a row into view, away from the edges, unless it is there. */
  reveal(index: number): void {
    const { scrollTop, clientHeight } = this.#scroller;
    const top = index * this.#rowHeight;
    const margin = Math.min(this.#rowHeight * 2, clientHeight / 3);
    if (top < scrollTop + margin) this.#scroller.scrollTop = top - margin;
    else if (top + this.#rowHeight > scrollTop + clientHeight - margin) {
      this.#scroller.scrollTop = top + this.#rowHeight + margin - clientHeight;
    }
  }

  redraw(): void {
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#planned = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { scrollTop, clientHeight } = this.#scroller;
    const first = Math.max(Math.floor(scrollTop / this.#rowHeight) - MARGIN_ROWS, 0);
    const last = Math.min(Math.ceil((scrollTop + clientHeight) / this.#rowHeight) + MARGIN_ROWS, this.#count);
    const rows: (HTMLElement | SVGElement)[] = [];
    for (let index = first; index < last; index += 1) {
      const row = this.#rowFor(index);
      row.style.transform = `translateY(${index * this.#rowHeight}px)`;
      rows.push(row);
    }
    this.#filler.replaceChildren(...rows);
  }
}

const MARGIN_ROWS = 3;
