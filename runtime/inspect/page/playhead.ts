import type { Item } from './history.ts';
import type { Scene } from './scene.ts';

/** Where in a scene we look: at a moment of the past, or at what is live. */
export class Playhead {
  readonly #changed: () => void;
  #scene: Scene | undefined;
  /** Undefined while we follow what is live, or the end of what is recorded. */
  #item: Item | undefined;
  #isPlaying = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** How many times slower than it happened. */
  slowness = 1;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get scene(): Scene | undefined {
    return this.#scene;
  }

  get isLive(): boolean {
    return this.#item === undefined;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** The last item that has happened; -1 before the first. */
  get order(): number {
    return this.#item?.order ?? (this.#scene?.items.length ?? 0) - 1;
  }

  get item(): Item | undefined {
    return this.#item ?? this.#scene?.items.at(-1);
  }

  show(scene: Scene): void {
    if (scene === this.#scene) return;
    this.pause();
    this.#scene = scene;
    // What is over is watched from its beginning.
    this.#item = undefined;
    this.#changed();
  }

  moveTo(order: number): void {
    const items = this.#scene?.items ?? [];
    this.#item = items[Math.min(Math.max(order, 0), items.length - 1)];
    this.#changed();
  }

  moveBy(steps: number): void {
    const last = (this.#scene?.items.length ?? 0) - 1;
    if (this.isLive && steps > 0) return;
    if (this.order + steps > last) return this.goLive();
    this.moveTo(this.order + steps);
  }

  goLive(): void {
    this.pause();
    this.#item = undefined;
    this.#changed();
  }

  togglePlaying(): void {
    if (this.#isPlaying) {
      this.pause();
      this.#changed();
      return;
    }
    if (this.isLive) this.moveTo(0);
    this.#isPlaying = true;
    this.#planNext();
    this.#changed();
  }

  pause(): void {
    this.#isPlaying = false;
    clearTimeout(this.#timer);
  }

  /** Waits are as long as they were, times the slowness, within what people can see and bear. */
  #planNext(): void {
    const items = this.#scene?.items ?? [];
    const next = items[this.order + 1];
    if (next === undefined) return this.goLive();
    const wait = (next.at - (this.#item?.at ?? next.at)) * this.slowness;
    this.#timer = setTimeout(
      () => {
        this.moveTo(next.order);
        if (this.#isPlaying) this.#planNext();
      },
      Math.min(Math.max(wait, PLAY_MIN_MS), PLAY_MAX_MS),
    );
  }
}

const PLAY_MIN_MS = 40;
const PLAY_MAX_MS = 1500;
