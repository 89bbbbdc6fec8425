import type { Lifeline } from './lifelines.ts';

/** The left part of a sequence diagram: life lines from top to bottom, and what crosses them. */
export class Ladder {
  readonly width: number;
  readonly #lifelines: readonly Lifeline[];
  readonly #gap: number;

  /** `gap` is from one life line to the next. */
  constructor(lifelines: readonly Lifeline[], gap: number) {
    this.#lifelines = lifelines;
    this.#gap = gap;
    this.width = MARGIN + gap * (lifelines.length - 1) + 1;
  }

  /** The names, a word on each line. */
  heads(): readonly string[] {
    const words = this.#lifelines.map(({ name }) => name.split(' '));
    const height = Math.max(...words.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) => {
      const cells = this.#blank(' ');
      for (const [index, parts] of words.entries()) {
        const word = (parts[line - height + parts.length] ?? '').slice(0, this.#gap - 1).replace(/'$/, '');
        this.#write(cells, this.#column(index) - Math.floor(word.length / 2), word);
      }
      return Array.from(cells, (cell) => cell ?? ' ').join('');
    });
  }

  plain(): string {
    return this.#lines().join('');
  }

  /** A mark on one life line; none if there is no such line. */
  marked(name: string, mark: string): string {
    const cells = this.#lines();
    const index = this.#indexOf(name);
    if (index >= 0) cells[this.#column(index)] = mark;
    return cells.join('');
  }

  /** An arrow, whole or with its end at the line that stopped it; an end that no line has is between two. */
  arrow(from: string, to: string, stoppedBy?: string, mark = '✗'): string {
    const cells = this.#lines();
    const start = this.#column(Math.max(0, this.#indexOf(from)));
    const goal = this.#column(Math.max(0, this.#indexOf(to)));
    const stop = stoppedBy === undefined ? -1 : this.#indexOf(stoppedBy);
    const isStopped = stoppedBy !== undefined;
    const end = !isStopped ? goal : stop >= 0 ? this.#column(stop) : this.#between(start, goal);
    if (start === end) return this.marked(from, isStopped ? mark : '↺');
    const step = end > start ? 1 : -1;
    for (let cell = start + step; cell !== end; cell += step) {
      cells[cell] = this.#isCrossing(cell) ? '┼' : this.#isLine(cell) ? '│' : '─';
    }
    cells[start] = step > 0 ? '├' : '┤';
    if (isStopped) cells[end] = mark;
    else cells[end - step] = step > 0 ? '▶' : '◀';
    return cells.join('');
  }

  #between(start: number, goal: number): number {
    const middle = (start + goal) / 2;
    const gaps = Math.max(1, Math.abs(goal - start) / this.#gap);
    const isOnLine = Number.isInteger(gaps / 2);
    return Math.round(isOnLine ? middle - (Math.sign(goal - start) * this.#gap) / 2 : middle);
  }

  #lines(): string[] {
    const cells = this.#blank(' ');
    for (const index of this.#lifelines.keys()) cells[this.#column(index)] = '│';
    return cells;
  }

  #blank(fill: string): string[] {
    return new Array<string>(this.width).fill(fill);
  }

  #write(cells: string[], at: number, text: string): void {
    for (const [offset, character] of [...text].entries()) cells[at + offset] = character;
  }

  #column(index: number): number {
    return MARGIN + index * this.#gap;
  }

  #indexOf(name: string): number {
    return this.#lifelines.findIndex((lifeline) => lifeline.name === name);
  }

  #isLine(cell: number): boolean {
    return (cell - MARGIN) % this.#gap === 0;
  }

  #isCrossing(cell: number): boolean {
    return this.#isLine(cell) && this.#lifelines[(cell - MARGIN) / this.#gap]?.isOnTheWay === true;
  }
}

/** Half of the longest head that hangs over. */
const MARGIN = 3;
