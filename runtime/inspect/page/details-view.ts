import { element } from './dom.ts';
import type { Item } from './history.ts';
import type { Scene } from './scene.ts';
import { durationText, momentText } from './time-text.ts';
import { eventText, whatOf, whoOf } from './words.ts';

/** All that is known of the moment that is looked at. */
export class DetailsView {
  readonly #place: HTMLElement;
  #shown: string | undefined;

  constructor(place: HTMLElement) {
    this.#place = place;
  }

  show(scene: Scene, item: Item | undefined): void {
    const rows = item === undefined ? [] : rowsOf(item);
    const shown = JSON.stringify([scene.key, item?.at, rows]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (item === undefined) return this.#place.replaceChildren();
    this.#place.replaceChildren(
      element(
        'p',
        { class: 'moment' },
        element('span', { class: 'at' }, momentText(scene, item.at)),
        element('strong', {}, whoOf(item)),
        element('span', { class: 'what' }, item.kind === 'step' ? eventText(item.event) : whatOf(item)),
      ),
      element(
        'dl',
        {},
        ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', { title: value }, value)]),
      ),
    );
  }
}

function rowsOf(item: Item): readonly (readonly [name: string, value: string])[] {
  switch (item.kind) {
    case 'step': {
      const { event, emits, ended } = item.details;
      return [
        ['state', item.state],
        ...(event === undefined ? [] : [['event', JSON.stringify(event)] as const]),
        ...(emits === undefined ? [] : [['asks for', emits.join(', ')] as const]),
        ...(item.arms.length === 0
          ? []
          : [
              [
                'waits',
                item.arms
                  .map(
                    ({ timer, delayMs }) =>
                      `${eventText(timer).replace('after ', '')} ${durationText(delayMs)}`,
                  )
                  .join(', '),
              ] as const,
            ]),
        ...(ended === undefined ? [] : [['ended', ended] as const]),
      ];
    }
    case 'datagram': {
      const { from, to, bytes, fate, at } = item;
      return [
        ['from', from],
        ['to', to],
        ...(bytes === 0 ? [] : [['bytes', String(bytes)] as const]),
        ['fate', fate.type === 'delivered' ? `arrived after ${durationText(fate.at - at)}` : fateWords(fate)],
      ];
    }
    case 'note':
      return [];
  }
}

function fateWords(fate: Extract<Item, { kind: 'datagram' }>['fate']): string {
  switch (fate.type) {
    case 'dropped':
      return `dropped by ${fate.by}: ${fate.why}`;
    case 'sent':
      return 'sent; the other side does not tell';
    case 'received':
      return 'received; the other side does not tell';
    default:
      return fate.type;
  }
}
