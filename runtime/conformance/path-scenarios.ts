/**
 * The paths of the session chart, each as what can be done to a server from outside. A chart's event is a datagram, or
 * several kinds of datagram that come to the same: those take turns. What cannot be seen at once, such as the end of a
 * session, shows afterwards: a witness asks for the names, and the client's ports ask for the witness.
 */
import { type Endpoint, sameAddress, sameEndpoint } from '../../machines/endpoint.ts';
import type { SessionEvent } from '../../machines/session.ts';
import type { Chart } from '../exploration/chart.ts';
import { generatePaths, type Path, walk } from '../exploration/paths.ts';
import type { Stimulus } from '../exploration/situation.ts';
import type { Role } from './cast.ts';
import { type Scenario, type Step, say } from './scenario.ts';

/**
 * A scenario for each path of the session's chart. Where the path has a session expire, time passes before every event,
 * two thirds of `ttlMs` at once: so it shows which events keep a session alive, and which do not.
 */
export function pathScenarios(chart: Chart, ttlMs: number): readonly Scenario[] {
  const takeTurn = turns();
  return generatePaths(chart).paths.map((path, index) => {
    const isSlow = path.stimuli.some(({ timer }) => timer !== undefined);
    const steps = path.stimuli.flatMap((stimulus, at) => [
      ...(isSlow ? pass(ttlMs) : []),
      ...stepsOf(chart, path, stimulus, at, takeTurn),
      ...(stimulus.timer === undefined ? [] : pass(ttlMs)),
    ]);
    return {
      kind: isSlow ? 'slow' : 'path',
      number: index + 1,
      title: path.stimuli.map(({ type }) => type).join(', then '),
      steps: [...opening(chart, path), ...steps, ...epilogue(steps)],
    };
  });
}

type Way = (current: Role, about: string) => Step;

type TakeTurn = <Item>(of: string, items: readonly [Item, ...Item[]]) => Item;

/** What makes each event happen in the session of alice, from the port where she is. */
const ways: Readonly<Partial<Record<SessionEvent['type'], readonly [Way, ...Way[]]>>> = {
  'datagram.holePunchRequest': [
    (current, about) => say(current, 'holePunchRequest', 'nobody', about),
    (current, about) => say(current, 'holePunchRequest', 'bob', about),
    (current, about) => say(current, 'holePunchRequest', 'alice', about),
  ],
  'peer.found': [(current, about) => say(current, 'holePunchRequest', 'bob', about)],
  'peer.missing': [
    (current, about) => say(current, 'holePunchRequest', 'nobody', about),
    (current, about) => say(current, 'holePunchRequest', 'alice', about),
  ],
  'peer.calls': [(_, about) => say('peer', 'holePunchRequest', 'alice', about)],
  replaced: [
    (current, about) => say(current, 'register', 'alicia', about),
    (current, about) => say(current, 'register', 'bob', about),
  ],
};

function opening(chart: Chart, path: Path): readonly Step[] {
  const first = clientAt(chart, path, 0);
  return [
    say('peer', 'register', 'bob', 'opening'),
    say(roleOf(chart, path, first), 'register', 'alice', path.beginning),
  ];
}

function stepsOf(
  chart: Chart,
  path: Path,
  { type, event, timer }: Stimulus,
  at: number,
  takeTurn: TakeTurn,
): readonly Step[] {
  if (timer !== undefined) return look('before the end');
  const happening = event as SessionEvent;
  if (happening.type === 'datagram.register')
    return [say(roleOf(chart, path, happening.from), 'register', 'alice', type)];
  // On the wire a request and what is found come as one.
  if (happening.type === 'datagram.holePunchRequest' && isAnswer(path.stimuli[at + 1])) return [];
  const those = ways[happening.type];
  if (those === undefined) throw new Error(`no client without keys can bring about ${happening.type}`);
  const way = takeTurn(happening.type, those);
  return [way(roleOf(chart, path, clientAt(chart, path, at)), type)];
}

function isAnswer(stimulus: Stimulus | undefined): boolean {
  const type = stimulus?.event.type;
  return type === 'peer.found' || type === 'peer.missing';
}

/** Who, in the chart's example, sends from there: known by what it shares with where the session began. */
function roleOf(chart: Chart, path: Path, from: Endpoint): Role {
  const home = clientAt(chart, path, 0);
  if (sameEndpoint(from, home)) return 'client';
  return sameAddress(from, home) ? 'elsewhere' : 'stranger';
}

/** Where the client is when the path has come so far. */
function clientAt(chart: Chart, path: Path, at: number): Endpoint {
  return walk(chart, path)[at]?.snapshot.context.client as Endpoint;
}

/** The peer keeps itself alive meanwhile. */
function pass(ttlMs: number): readonly Step[] {
  return [{ type: 'wait', ms: (2 / 3) * ttlMs }, say('peer', 'register', 'bob', 'the peer keeps alive')];
}

function look(about: string): readonly Step[] {
  return [
    say('witness', 'register', 'carol', about),
    say('witness', 'holePunchRequest', 'alice', about),
    say('witness', 'holePunchRequest', 'bob', about),
  ];
}

function epilogue(steps: readonly Step[]): readonly Step[] {
  const ports = (['client', 'elsewhere'] as const).filter(
    (port) => port === 'client' || steps.some((step) => step.type !== 'wait' && step.role === port),
  );
  return [
    ...look('afterwards'),
    ...ports.map((port) => say(port, 'holePunchRequest', 'carol', 'afterwards')),
  ];
}

function turns(): TakeTurn {
  const taken = new Map<string, number>();
  return (of, items) => {
    const turn = taken.get(of) ?? 0;
    taken.set(of, turn + 1);
    return items[turn % items.length] ?? items[0];
  };
}
