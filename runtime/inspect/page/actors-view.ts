import { element } from './dom.ts';
import { type Actor, type Crowd, type Host, phaseOf, stepAt } from './history.ts';
import type { Scene } from './scene.ts';
import type { Selection } from './selection.ts';
import { roughText } from './time-text.ts';
import { subjectOf } from './words.ts';

/** Rows of one host that are shown, the newest: a busy server has more than anybody reads. */
const ROWS_MAX = 60;

export type ActorsEvents = {
  chosen(actor: Actor, isAdding: boolean): void;
  /** One of a crowd, by its number. */
  opened(source: Crowd['source'], actor: number): void;
};

/** The table of actors: role, name, state, since when, peers; and crowds by their counts. */
export class ActorsView {
  readonly #body: HTMLElement;
  readonly #events: ActorsEvents;
  readonly #rows = new Map<string, HTMLTableRowElement>();

  constructor(body: HTMLElement, events: ActorsEvents) {
    this.#body = body;
    this.#events = events;
    body.addEventListener('keydown', (event) => this.#move(event));
  }

  show(
    scene: Scene,
    order: number,
    now: number,
    selection: Selection,
    shown: readonly Actor[],
    search: string,
  ): void {
    const wanted = search.toLowerCase();
    const groups = [...scene.hosts.values()]
      .filter(({ role }) => role !== 'nat' && role !== 'elsewhere')
      .map((host) => ({ host, actors: actorsOf(scene, host, order) }))
      .filter(({ host, actors }) => actors.length > 0 || hasCrowd(scene, host));
    groups.sort(
      ({ host: one }, { host: other }) => rankOf(one) - rankOf(other) || (one.name < other.name ? -1 : 1),
    );
    const rows: HTMLElement[] = [];
    for (const { host, actors } of groups) {
      rows.push(this.#head(host, actors));
      for (const crowd of scene.crowds.values())
        if (crowd.host === host) rows.push(...this.#crowd(scene, crowd, wanted));
      const matching = actors.filter(
        ({ id }) => wanted === '' || hasCrowd(scene, host) === false || id.toLowerCase().includes(wanted),
      );
      for (const actor of matching.slice(-ROWS_MAX)) {
        rows.push(this.#row(actor, order, now, selection, shown.includes(actor)));
      }
    }
    if (isSame(this.#body.children, rows)) return;
    const focused = document.activeElement;
    this.#body.replaceChildren(...rows);
    // One of them is reached by Tab, the others by arrows from there.
    for (const [index, button] of [...this.#body.querySelectorAll('button')].entries()) {
      button.tabIndex = index === 0 ? 0 : -1;
    }
    if (focused instanceof HTMLButtonElement && this.#body.contains(focused)) focused.focus();
  }

  #head(host: Host, actors: readonly Actor[]): HTMLTableRowElement {
    const row = this.#rowFor(`head ${host.key}`, () => {
      const made = element('tr', { class: 'host' }, element('th', { colspan: 4, scope: 'rowgroup' }));
      return made;
    });
    const { source } = host;
    const peers = [
      ...new Set(
        actors.flatMap(({ chart, id }) => (chart.name === 'link' ? [id.slice('link:'.length)] : [])),
      ),
    ];
    const about = [
      host.role,
      ...(source !== undefined && source.identity.times === 'real' && !source.identity.isRecorded
        ? [`pid ${source.identity.pid}`]
        : []),
      ...(source?.isLive === false && !source.identity.isRecorded ? ['ended'] : []),
    ].join(' · ');
    const text = `${host.name} ${about} ${peers.join(', ')}`;
    if (row.dataset.text !== text) {
      row.dataset.text = text;
      row.dataset.role = host.role;
      row.firstElementChild?.replaceChildren(
        element('span', { class: 'name' }, host.name),
        element('span', { class: 'about' }, about),
        ...(peers.length === 0
          ? []
          : [element('span', { class: 'peers', title: 'peers' }, `↔ ${peers.join(', ')}`)]),
      );
    }
    return row;
  }

  #row(
    actor: Actor,
    order: number,
    now: number,
    selection: Selection,
    isShown: boolean,
  ): HTMLTableRowElement {
    const row = this.#rowFor(`actor ${actor.key}`, () =>
      rowOf(actor.chart.name, nameOf(actor), '', '', (isAdding) => this.#events.chosen(actor, isAdding)),
    );
    const step = stepAt(actor, order);
    const state = step?.state ?? '';
    const phase = phaseOf(state);
    const pill = row.querySelector('.pill');
    if (pill !== null && pill.textContent !== phase) {
      pill.textContent = phase;
      pill.setAttribute('title', state);
    }
    const isOver = step?.details.ended !== undefined;
    const since = isOver ? 'ended' : roughText(Math.max(now - (step?.since ?? now), 0));
    const cell = row.lastElementChild;
    if (cell !== null && cell.textContent !== since) cell.textContent = since;
    row.classList.toggle('over', isOver);
    row.classList.toggle('shown', isShown);
    row.querySelector('button')?.setAttribute('aria-pressed', String(selection.has(actor)));
    row.dataset.phase = phase;
    return row;
  }

  #crowd(scene: Scene, { key, chart, total, counts, source }: Crowd, wanted: string): HTMLElement[] {
    const head = this.#rowFor(`crowd ${key}`, () =>
      element('tr', { class: 'crowd' }, element('td', { colspan: 4 })),
    );
    const text = JSON.stringify([total, counts]);
    if (head.dataset.text !== text) {
      head.dataset.text = text;
      const most = counts[0]?.[1] ?? 1;
      head.firstElementChild?.replaceChildren(
        element('p', {}, element('strong', {}, total.toLocaleString('en')), ` × ${chart.name}, by state`),
        ...counts
          .slice(0, 8)
          .map(([state, count]) =>
            element(
              'p',
              { class: 'count' },
              element('span', { class: 'pill' }, state),
              element('progress', { value: count, max: most, 'aria-label': state }),
              element('span', { class: 'number' }, count.toLocaleString('en')),
            ),
          ),
        element('p', { class: 'hint' }, 'Search (/) for a name to open one of them.'),
      );
    }
    const found = scene.found.get(source);
    if (wanted === '' || found === undefined || found.search.toLowerCase() !== wanted) return [head];
    const rows = found.actors
      .filter(({ number }) => !scene.actors.has(`${source.identity.id}/${number}`))
      .map(({ number, id, state, chart: name }) => {
        return this.#rowFor(`found ${key} ${number}`, () => {
          const row = rowOf(name, id, phaseOf(state), 'open', () => this.#events.opened(source, number));
          row.classList.add('found');
          return row;
        });
      });
    const more = element(
      'tr',
      { class: 'crowd' },
      element('td', { colspan: 4 }, `${found.total.toLocaleString('en')} found`),
    );
    return [head, more, ...rows];
  }

  #rowFor(key: string, make: () => HTMLTableRowElement): HTMLTableRowElement {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const made = make();
    made.dataset.key = key;
    this.#rows.set(key, made);
    if (this.#rows.size > ROWS_KEPT_MAX) this.#rows.clear();
    return made;
  }

  #move(event: KeyboardEvent): void {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const rows = [...this.#body.querySelectorAll<HTMLElement>('.actor button')];
    const place = rows.indexOf(document.activeElement as HTMLElement);
    const next = rows[event.key === 'ArrowDown' ? place + 1 : Math.max(place - 1, 0)];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  }
}

const ROWS_KEPT_MAX = 2000;

function rowOf(
  role: string,
  name: string,
  state: string,
  since: string,
  chosen: (isAdding: boolean) => void,
): HTMLTableRowElement {
  const row = element(
    'tr',
    { class: 'actor' },
    element('td', { class: 'role' }, role),
    element('td', { class: 'id' }, element('button', { type: 'button', title: name }, name)),
    element('td', { class: 'state' }, element('span', { class: 'pill' }, state)),
    element('td', { class: 'since' }, since),
  );
  row.addEventListener('click', (event) => chosen(event.ctrlKey || event.metaKey || event.shiftKey));
  return row;
}

function actorsOf(scene: Scene, host: Host, order: number): Actor[] {
  return [...scene.actors.values()].filter(
    (actor) => actor.host === host && stepAt(actor, order) !== undefined,
  );
}

function hasCrowd(scene: Scene, host: Host): boolean {
  return [...scene.crowds.values()].some((crowd) => crowd.host === host);
}

function rankOf({ role }: Host): number {
  return role === 'server' ? 0 : 1;
}

function nameOf({ chart, id }: Actor): string {
  return chart.name === 'link' || chart.name === 'introduction' ? (id.split(':', 2)[1] ?? id) : subjectOf(id);
}

function isSame(shown: HTMLCollection, rows: readonly Element[]): boolean {
  return shown.length === rows.length && rows.every((row, index) => shown[index] === row);
}
