/** Texts by number, each told before it is first used. */
export class Words {
  readonly #numbers = new Map<string, number>();
  readonly #tell: (number: number, text: string) => void;

  constructor(tell: (number: number, text: string) => void) {
    this.#tell = tell;
  }

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#tell(number, text);
    return number;
  }
}
