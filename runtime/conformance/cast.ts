import type { Message } from '../../machines/wire.ts';

/** Who takes part in a scenario, each with a socket of its own. */
export type Role = 'client' | 'elsewhere' | 'stranger' | 'peer' | 'witness';

/** The names that the parts have in a scenario's text. On the wire each is longer, and unique to the scenario. */
export type Alias = 'alice' | 'alicia' | 'bob' | 'carol' | 'nobody';

export const roles: Readonly<Record<Role, string>> = {
  client: 'the client',
  elsewhere: "the client's other port",
  stranger: 'a stranger at another IP address',
  peer: 'the peer',
  witness: 'a witness',
};

/** Whether a part must be played from an IP address other than the client's. */
export function isAbroad(role: Role): boolean {
  return role === 'stranger';
}

/** The names of one scenario. A server with other users is not disturbed, because nobody else has the prefix. */
export class Names {
  readonly #prefix: string;

  /** `run` is unique among the runs against one server, `scenario` within the run. */
  constructor(run: string, scenario: string) {
    this.#prefix = `${run}-${scenario}-`;
  }

  /** The name on the wire. */
  real(alias: string): string {
    return `${this.#prefix}${alias}`;
  }

  /** What people read for a name on the wire: a foreign one in quotes, escaped. */
  shown(name: string): string {
    return name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : JSON.stringify(name);
  }

  /** A message with its name as it is on the wire. */
  spell<Named extends Extract<Message, { readonly name: string }>>(message: Named): Named {
    return { ...message, name: this.real(message.name) };
  }
}
