import fc from 'fast-check';
import { type AnyStateMachine, createMachine } from 'xstate';

type Node = { readonly kind: 'compound' | 'parallel'; readonly children: readonly Node[] };

type Transition = {
  readonly from: number;
  readonly to: number;
  readonly trigger: 'event' | 'after' | 'always';
  readonly goes: 'out' | 'nowhere';
  readonly guard: boolean;
  readonly reenter: boolean;
  readonly actions: readonly string[];
};

const names = ['a', 'waiting', 'aStateWithAVeryLongName', 'i', 'Wm', 'ключ', '状態'];

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record({
    kind: fc.constantFrom('compound', 'compound', 'parallel'),
    children: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
    ),
  }),
}));

const anyNumber = fc.noBias(fc.nat({ max: 996 }));

const transition: fc.Arbitrary<Transition> = fc.record({
  from: anyNumber,
  to: anyNumber,
  trigger: fc.constantFrom('event', 'event', 'after', 'always'),
  goes: fc.constantFrom('out', 'out', 'out', 'nowhere'),
  guard: fc.boolean(),
  reenter: fc.boolean(),
  actions: fc.array(fc.constantFrom('send', 'startOver', 'doSomethingWithALongName'), { maxLength: 3 }),
});

/** Small charts of all shapes: nested and parallel states, arrows from any state to any other, to itself or nowhere. */
export const arbitraryChart: fc.Arbitrary<AnyStateMachine> = fc
  .record({
    children: fc.array(node, { minLength: 1, maxLength: 4 }),
    transitions: fc.array(transition, { minLength: 3, maxLength: 20, size: 'max' }),
    entries: fc.array(fc.boolean()),
  })
  .map(({ children, transitions, entries }) => {
    const ids: string[] = [];
    const config = configOf({ kind: 'compound', children }, ids, entries);
    const all = new Map<string, Record<string, unknown[]>>();
    for (const { from, to, trigger, goes, guard, reenter, actions } of transitions) {
      const source = ids[from % ids.length] ?? '';
      const target = ids[to % ids.length] ?? '';
      const list = all.get(source) ?? {};
      all.set(source, list);
      list[trigger] = [
        ...(list[trigger] ?? []),
        {
          ...(goes === 'out' ? { target: `#${target}`, reenter } : {}),
          ...(guard ? { guard: 'isTimeForIt' } : {}),
          actions,
        },
      ];
    }
    return createMachine(withTransitions(config, all) as Parameters<typeof createMachine>[0]);
  });

type Config = { id: string; states?: Record<string, Config>; [key: string]: unknown };

function configOf({ kind, children }: Node, ids: string[], entries: readonly boolean[]): Config {
  const number = ids.length;
  const id = `s${number}`;
  ids.push(id);
  const states = Object.fromEntries(
    children.map((child, index) => [
      `${names[(number + index) % names.length]}${index}`,
      configOf(child, ids, entries),
    ]),
  );
  const first = Object.keys(states)[0];
  return {
    id,
    ...(entries[number] === true ? { entry: ['lookAround', 'startOver'] } : {}),
    ...(first === undefined
      ? number % 5 === 3
        ? { type: 'final' }
        : {}
      : kind === 'parallel'
        ? { type: 'parallel', states }
        : { initial: first, states }),
  };
}

function withTransitions(config: Config, all: ReadonlyMap<string, Record<string, unknown[]>>): Config {
  const { event, after, always } = all.get(config.id) ?? {};
  const { states } = config;
  return {
    ...config,
    ...(event === undefined ? {} : { on: { 'something.happens': event } }),
    ...(after === undefined ? {} : { after: { patience: after } }),
    ...(always === undefined ? {} : { always }),
    ...(states === undefined
      ? {}
      : {
          states: Object.fromEntries(
            Object.entries(states).map(([key, state]) => [key, withTransitions(state, all)]),
          ),
        }),
  };
}
