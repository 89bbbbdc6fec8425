import { ActorsView } from './actors-view.ts';
import { ChartsView } from './charts-view.ts';
import { DetailsView } from './details-view.ts';
import { element, onceAFrame, part } from './dom.ts';
import { Drawings } from './drawings.ts';
import { type KeyAction, listen, nameOfKey } from './keys.ts';
import { LogView } from './log-view.ts';
import { Playhead } from './playhead.ts';
import type { Scene } from './scene.ts';
import { Selection } from './selection.ts';
import { SequenceView } from './sequence-view.ts';
import { Stream } from './stream.ts';
import { openTheme } from './theme.ts';
import { TimelineView } from './timeline-view.ts';
import { World } from './world.ts';

/** How often what counts down is counted, in ms. */
const COUNT_MS = 100;

const world = new World();
const selection = new Selection();
const draw = onceAFrame(show);
const playhead = new Playhead(draw);
const status = part('status', HTMLElement);
const notice = part('notice', HTMLElement);
const scenes = part('scenes', HTMLSelectElement);
const search = part('search', HTMLInputElement);
const help = part('help', HTMLDialogElement);
/** Actors of crowds that were opened, by source and number. */
const opened = new Map<string, readonly [source: string, actor: number]>();

const stream = new Stream({
  message: (text) => {
    world.take(text);
    draw();
  },
  opened: () => {
    notice.hidden = true;
    status.textContent = 'connected';
    status.dataset.is = 'connected';
  },
  lost: () => {
    world.lost();
    status.textContent = 'waiting';
    status.dataset.is = 'waiting';
    notice.textContent =
      'Nothing that is inspected runs at this address. What was told stays here; the page goes on when there is more.';
    notice.hidden = false;
    draw();
  },
  refused: () => {
    status.textContent = 'no entry';
    status.dataset.is = 'refused';
    notice.textContent =
      'This address was used before: it opens the page once. Run punch inspect for another.';
    notice.hidden = false;
  },
});

const drawings = new Drawings(() => stream.key);
const charts = new ChartsView(part('charts', HTMLElement), drawings);
const details = new DetailsView(part('details', HTMLElement));
const timeline = new TimelineView(playhead);
const actors = new ActorsView(part('actors', HTMLElement), {
  chosen: (actor, isAdding) => {
    if (isAdding) selection.toggle(actor);
    else selection.choose(actor);
    draw();
  },
  opened: (source, actor) => {
    opened.set(`${source.identity.id}/${actor}`, [source.identity.id, actor]);
    draw();
  },
});
const choose = ({ order }: { readonly order: number }) => playhead.moveTo(order);
const log = new LogView(
  part('log', HTMLElement),
  part('log-rows', HTMLElement),
  part('log-told', HTMLElement),
  choose,
);
const sequence = new SequenceView(
  part('sequence', HTMLElement),
  part('sequence-heads', HTMLElement),
  part('sequence-rows', HTMLElement),
  choose,
);
const toggleTheme = openTheme(part('theme', HTMLButtonElement));

const keys: readonly KeyAction[] = [
  {
    keys: ['ArrowRight'],
    does: 'one step forward; with Shift ten',
    act: ({ shiftKey }) => playhead.moveBy(shiftKey ? 10 : 1),
  },
  {
    keys: ['ArrowLeft'],
    does: 'one step back; with Shift ten',
    act: ({ shiftKey }) => playhead.moveBy(shiftKey ? -10 : -1),
  },
  { keys: ['Home'], does: 'to the beginning', act: () => playhead.moveTo(0) },
  { keys: ['End', 'l', 'L'], does: 'back to what is live', act: () => playhead.goLive() },
  { keys: [' '], does: 'play, pause', act: () => playhead.togglePlaying() },
  { keys: ['/'], does: 'search', act: () => search.focus() },
  { keys: ['Escape'], does: 'end the search; show the charts that matter most', act: letGo },
  { keys: ['+', '='], does: 'charts larger', act: () => charts.zoomBy(1.2) },
  { keys: ['-'], does: 'charts smaller', act: () => charts.zoomBy(1 / 1.2) },
  { keys: ['0'], does: 'charts as they fit', act: () => charts.zoomBy(0) },
  { keys: ['t', 'T'], does: 'light or dark', act: toggleTheme },
  { keys: ['?'], does: 'this help', act: () => help.showModal() },
];

part('keys', HTMLElement).replaceChildren(
  ...keys.flatMap(({ keys: names, does }) => [
    element('dt', {}, ...names.slice(0, 2).map((name) => element('kbd', {}, nameOfKey(name)))),
    element('dd', {}, does),
  ]),
);
listen(keys);
part('ask', HTMLButtonElement).addEventListener('click', () => help.showModal());
search.addEventListener('input', draw);
search.addEventListener('keydown', ({ key }) => {
  if (key === 'Enter') part('log', HTMLElement).focus();
});
scenes.addEventListener('change', () => {
  const scene = world.scenes.get(scenes.value);
  if (scene !== undefined) playhead.show(scene);
});
setInterval(() => {
  if (playhead.isLive && playhead.scene?.isLive === true) draw();
}, COUNT_MS);
void stream.open();

function show(): void {
  chooseScene();
  const { scene } = playhead;
  document.body.classList.toggle('empty', scene === undefined);
  if (scene === undefined) return;
  scene.settle();
  const { order, item, isLive } = playhead;
  const now = nowIn(scene);
  const shown = selection.actorsIn(scene, order, item);
  actors.show(scene, order, now, selection, shown, search.value);
  charts.show(shown, order, now, isLive);
  sequence.show(scene, item, isLive);
  log.show(scene, item, isLive, search.value);
  details.show(scene, item);
  timeline.show(scene, playhead);
  stream.say(JSON.stringify({ actors: actorsLookedAt(), search: search.value.slice(0, 64) }));
}

/** The newest run, unless somebody has chosen another. */
function chooseScene(): void {
  const keys = [...world.scenes.keys()];
  if (scenes.childElementCount !== keys.length) {
    scenes.replaceChildren(
      ...[...world.scenes.values()].map(({ key, title }) => element('option', { value: key }, title)),
    );
    scenes.hidden = keys.length < 2;
    const newest = [...world.scenes.values()].at(-1);
    if (newest !== undefined) playhead.show(newest);
    scenes.value = newest?.key ?? '';
  }
}

/** The moment that delays are counted to. */
function nowIn(scene: Scene): number {
  if (playhead.isLive && scene.isLive) return Date.now();
  return playhead.item?.at ?? 0;
}

function actorsLookedAt(): readonly (readonly [number, number])[] {
  const numbers = new Map([...world.sources].map((source) => [source.identity.id, source.number]));
  return [...opened.values()].slice(-64).flatMap(([source, actor]) => {
    const number = numbers.get(source);
    return number === undefined ? [] : [[number, actor] as const];
  });
}

function letGo(): void {
  if (search.value !== '') search.value = '';
  else selection.clear();
  search.blur();
  draw();
}
