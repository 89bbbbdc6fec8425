import { part } from './dom.ts';
import type { Playhead } from './playhead.ts';
import type { Scene } from './scene.ts';
import { momentText } from './time-text.ts';

/** The slider through time, and what is beside it. */
export class TimelineView {
  readonly #slider = part('slider', HTMLInputElement);
  readonly #moment = part('moment', HTMLOutputElement);
  readonly #live = part('live', HTMLButtonElement);
  readonly #play = part('play', HTMLButtonElement);
  readonly #slowness = part('slowness', HTMLSelectElement);

  constructor(playhead: Playhead) {
    this.#slider.addEventListener('input', () => playhead.moveTo(this.#slider.valueAsNumber));
    this.#live.addEventListener('click', () => playhead.goLive());
    this.#play.addEventListener('click', () => playhead.togglePlaying());
    part('back', HTMLButtonElement).addEventListener('click', () => playhead.moveBy(-1));
    part('forward', HTMLButtonElement).addEventListener('click', () => playhead.moveBy(1));
    this.#slowness.addEventListener('change', () => {
      playhead.slowness = Number(this.#slowness.value);
    });
  }

  show(scene: Scene, playhead: Playhead): void {
    const last = Math.max(scene.items.length - 1, 0);
    this.#slider.max = String(last);
    this.#slider.valueAsNumber = Math.max(playhead.order, 0);
    const { item } = playhead;
    const moment = item === undefined ? '' : momentText(scene, item.at);
    this.#moment.textContent =
      item === undefined ? 'nothing yet' : `${playhead.order + 1} of ${last + 1} · ${moment}`;
    this.#slider.setAttribute('aria-valuetext', this.#moment.textContent);
    this.#live.setAttribute('aria-pressed', String(playhead.isLive));
    this.#live.textContent = scene.isLive ? 'Live' : 'End';
    this.#play.setAttribute('aria-pressed', String(playhead.isPlaying));
    this.#play.textContent = playhead.isPlaying ? 'Pause' : 'Play';
    document.body.classList.toggle('past', !playhead.isLive);
  }
}
