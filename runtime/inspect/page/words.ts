import type { Host, Item } from './history.ts';

/** Who it happened to. */
export function whoOf(item: Item): string {
  switch (item.kind) {
    case 'step':
      return `${item.actor.host.name} · ${subjectOf(item.actor.id)}`;
    case 'datagram':
      return `${nameOf(item.sender) ?? item.from} → ${nameOf(item.receiver) ?? item.to}`;
    case 'note':
      return item.host?.name ?? '';
  }
}

/** What happened, in one line. */
export function whatOf(item: Item): string {
  switch (item.kind) {
    case 'step':
      return `${eventText(item.event)} → ${item.state}`;
    case 'datagram':
      return `${item.message}${fateText(item.fate)}`;
    case 'note':
      return item.message;
  }
}

/** What became of a datagram, unless it simply arrived. */
export function fateText(fate: Extract<Item, { kind: 'datagram' }>['fate']): string {
  switch (fate.type) {
    case 'lost':
      return ' ✗ lost';
    case 'dropped':
      return ` ✗ ${fate.by}: ${fate.why}`;
    case 'underway':
      return ' … still on its way';
    default:
      return '';
  }
}

/** An event as people read it: `xstate.after.retry.client.joining` is `after retry`. */
export function eventText(event: string): string {
  if (event === 'xstate.init') return 'begins';
  if (event === 'xstate.stop') return 'stopped by its host';
  return event.replace(/^xstate\.after\.([^.]*)\..*$/, 'after $1');
}

/** `link:bob` is `link to bob`; a session has the name of its client. */
export function subjectOf(id: string): string {
  const [kind = '', of] = id.split(':', 2);
  if (of === undefined) return id;
  return kind === 'link' ? `link to ${of}` : `${kind} ${of.slice(0, 8)}`;
}

/** What a search looks through: who, what, and all that the event carried, in lower case. */
export function searchTextOf(item: Item): string {
  item.text ??= textOf(item).toLowerCase();
  return item.text;
}

function textOf(item: Item): string {
  const text = `${whoOf(item)} ${whatOf(item)}`;
  if (item.kind === 'step') return `${text} ${item.event} ${JSON.stringify(item.details.event ?? {})}`;
  return item.kind === 'datagram' ? `${text} ${item.from} ${item.to}` : text;
}

function nameOf(host: Host | undefined): string | undefined {
  return host?.name;
}
