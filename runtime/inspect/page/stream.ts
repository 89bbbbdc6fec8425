/** How long to wait before another process may have taken over the page's address, in ms. */
const RETRY_MS = 500;

const KEY = 'punch-key';

export type StreamEvents = {
  message(text: string): void;
  opened(): void;
  /** The hub has ended, or is not there yet. */
  lost(): void;
  /** The address has been used before, or is not whole. */
  refused(): void;
};

/** The connection to the hub. Comes back when the hub has ended and another process has taken its place. */
export class Stream {
  readonly #events: StreamEvents;
  #socket: WebSocket | undefined;
  #key = '';
  #said = '';

  constructor(events: StreamEvents) {
    this.#events = events;
  }

  /** What a viewer shows to be one. */
  get key(): string {
    return this.#key;
  }

  async open(): Promise<void> {
    const key = await viewerKey();
    if (key === undefined) return this.#events.refused();
    this.#key = key;
    this.#connect();
  }

  /** Says what is looked at, if that has changed: it is said again to whoever takes over. */
  say(text: string): void {
    if (text === this.#said) return;
    this.#said = text;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  #connect(): void {
    const socket = new WebSocket(`ws://${location.host}/view?key=${this.#key}`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#events.opened();
      if (this.#said !== '') socket.send(this.#said);
    };
    socket.onmessage = ({ data }) => this.#events.message(String(data));
    socket.onclose = () => {
      this.#events.lost();
      setTimeout(() => this.#connect(), RETRY_MS);
    };
  }
}

/** In exchange for the ticket in the address; or the one that this tab has had before. */
async function viewerKey(): Promise<string | undefined> {
  const ticket = /^#ticket=(.+)$/.exec(location.hash)?.[1];
  if (ticket !== undefined) {
    history.replaceState(null, '', location.pathname);
    const response = await fetch('/key', { method: 'POST', body: ticket });
    if (response.ok) sessionStorage.setItem(KEY, await response.text());
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}
