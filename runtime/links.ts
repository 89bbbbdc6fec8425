import type { Endpoint } from '../machines/endpoint.ts';
import { PUNCH_BUDGET_MS } from '../machines/timing.ts';
import { type Link, LinkHost, type LinkSurroundings } from './link.ts';
import type { Stage } from './stage.ts';

/** Links at once, asked for by us or by others. */
const LINKS_MAX = 256;

/** The links of one client, by the names of their peers. */
export class Links {
  readonly #stage: Stage;
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #transmit: LinkSurroundings['transmit'];
  readonly #links = new Map<string, LinkHost>();

  constructor(stage: Stage, name: string, timeoutMs: number, transmit: LinkSurroundings['transmit']) {
    this.#stage = stage;
    this.#name = name;
    this.#timeoutMs = timeoutMs;
    this.#transmit = transmit;
  }

  get isFull(): boolean {
    return this.#links.size >= LINKS_MAX;
  }

  named(peer: string): LinkHost | undefined {
    return this.#links.get(peer);
  }

  /** A new link: to the address that the server has introduced, or, with null, one that asks for an introduction. */
  open(peer: string, server: Endpoint, remote: Endpoint | null): Link {
    const link = new LinkHost(
      this.#stage,
      {
        name: this.#name,
        peer,
        server,
        remote,
        patienceMs: this.#timeoutMs,
        punchBudgetMs: Math.min(this.#timeoutMs, PUNCH_BUDGET_MS),
      },
      {
        transmit: this.#transmit,
        ended: (ended) => {
          if (this.#links.get(peer) === ended) this.#links.delete(peer);
        },
      },
    );
    if (!link.isOver) this.#links.set(peer, link);
    return link;
  }

  /** Hands a message to the link it belongs to. False if it is nobody's. */
  hear(from: Endpoint, text: string): boolean {
    const links = [...this.#links.values()];
    const certain = links.filter((link) => link.expects(from) === 'exactly');
    const addressees =
      certain.length > 0 ? certain : links.filter((link) => link.expects(from) === 'perhaps');
    for (const link of addressees) link.heard(from, text);
    return certain.length > 0 || addressees.some((link) => link.expects(from) === 'exactly');
  }

  /** The server cannot introduce, and does not say whom: all who ask are told. */
  disappoint(): void {
    for (const link of this.#links.values()) link.disappointed();
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
  }
}
