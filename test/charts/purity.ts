/** What a file may not contain, and why not. */
export type Rule = { readonly pattern: RegExp; readonly why: string };

/** For machines/: the charts must run live, in virtual time, and be explored to the last state. */
export const machineRules: readonly Rule[] = [
  ...rulesFor('a chart that reads a clock cannot be run again the same', ['Date', 'performance', 'hrtime']),
  ...rulesFor('a chart takes chance from its input and its events only', ['Math\\.random', 'crypto']),
  ...rulesFor('a chart waits with named delays in `after`, which exploration can see', [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
  ]),
  ...rulesFor('a chart touches nothing: it emits what it wants to be done', [
    'process',
    'console',
    'fetch',
    'require',
    'globalThis',
    'import\\s*\\(',
  ]),
  ...rulesFor('actors within actors are invisible to exploration', ['spawn', 'spawnChild', 'invoke']),
  ...rulesFor('charts meet in their hosts, which pass events between them', [
    'sendTo',
    'sendParent',
    'forwardTo',
  ]),
  ...rulesFor('a raised event with a delay outlives its state', ['raise\\s*\\(']),
];

/** For runtime/ and cli/: whatever runs must run in virtual time, too. `AbortSignal` is the user's clock, not ours. */
export const ambientRules: readonly Rule[] = rulesFor(
  'all time and all chance come from runtime/ambient.ts',
  [
    'Date\\.now',
    'new\\s+Date',
    'Date\\s*\\(',
    'performance\\.now',
    'hrtime',
    'Math\\.random',
    'globalThis\\.set(?:Timeout|Interval|Immediate)',
    '(?<!\\.)set(?:Timeout|Interval|Immediate)\\s*\\(',
  ],
);

/** What breaks the rules in a source text, comments and quoted strings aside. */
export function breaches(source: string, rules: readonly Rule[]): readonly string[] {
  const code = withoutComments(source).replace(quoted, "''");
  return rules.flatMap(({ pattern, why }) => {
    const [found] = pattern.exec(code) ?? [];
    return found === undefined ? [] : [`has "${found}", but ${why}`];
  });
}

/** The modules that a source text imports. */
export function importsOf(source: string): readonly string[] {
  const imports = withoutComments(source).matchAll(/\b(?:from|import)\s*\(?\s*(['"])(.*?)\1/g);
  return [...imports].map(([, , specifier = '']) => specifier);
}

/** Which imports a chart may not have: it knows xstate and its neighbours. */
export function strangeImports(source: string): readonly string[] {
  return importsOf(source).filter(
    (specifier) => specifier !== 'xstate' && !/^\.\/[\w-]+\.ts$/.test(specifier),
  );
}

const quoted = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;
const quotedOrComment =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

function withoutComments(source: string): string {
  return source.replace(quotedOrComment, (text) => (text.startsWith('/') ? ' ' : text));
}

function rulesFor(why: string, patterns: readonly string[]): readonly Rule[] {
  return patterns.map((pattern) => ({
    pattern: new RegExp(`(?<![\\w$])${pattern}(?!(?<=[\\w$])[\\w$])`),
    why,
  }));
}
