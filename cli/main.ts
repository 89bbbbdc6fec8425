#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitCodes, outcomeTexts } from './exit.ts';

const DEFAULT_PORT = 39_738;

const INSPECT =
  'stream charts and datagrams to the page of punch inspect, on this machine only; --inspect=port to another than 39739, --inspect=stately to the Stately Inspector';

const { version } = createRequire(import.meta.url)('udp-hole-punch/package.json') as { version: string };

const program = new Command('punch')
  .description('Connects two machines behind NATs directly, over UDP, with the help of one small server.')
  .version(version)
  .exitOverride()
  .showHelpAfterError('Run with --help to see how it is used.')
  .addHelpText('after', `\nExit codes:\n${exitCodeLines()}`);

program
  .command('server')
  .description('run the rendezvous server, which introduces clients to each other')
  .option('--host <address>', 'the address to listen at (default: every one, IPv4 and IPv6)')
  .option('--port <port>', 'the UDP port to listen at', port, DEFAULT_PORT)
  .option('--max-clients <n>', 'how many clients may be registered at once', count, 100_000)
  .option('--ttl <seconds>', 'forget a client that is silent for this long', seconds, 90)
  .option(
    '--data <directory>',
    'where to keep the key and the leases of names; none forgets them (default: ~/.local/state/punch)',
  )
  .option('--key <file>', 'the file of the key, which is made on first use (default: in the data directory)')
  .option('--allow-protocol-1', 'serve clients of protocol 1 too, which have no keys')
  .addOption(
    new Option(
      '--io <how>',
      'how datagrams get to the kernel: batched, many a system call, on Linux; dgram, one at a time; auto, what works',
    )
      .choices(['auto', 'batched', 'dgram'])
      .default('auto'),
  )
  .option('--json', 'print JSON lines, as is done when the output is not a terminal')
  .option('--inspect', INSPECT)
  .addOption(inspectTo())
  .option(
    '--record <file>',
    'write what happens into a file for punch replay: no messages, but names and addresses',
  )
  .action(async (options) => finish(await (await import('./server.ts')).runServer(options)));

program
  .command('client')
  .description('register under a name; with a peer, connect to it; then chat')
  .argument(
    '<server>',
    'the rendezvous server: host, host:port, or [IPv6 address]:port, with #key or without',
  )
  .argument('<name>', 'the name that others find this client by')
  .argument('[peer]', 'whom to connect to, a name or punch://name@server#key; without it, wait to be called')
  .option(
    '--timeout <seconds>',
    'give up registering, finding or reaching the peer after this long',
    seconds,
    60,
  )
  .option('--protocol <n>', '2, or 1 as the original has it, without keys', protocol, 2)
  .option('--key <file>', 'the file of the key, which is made on first use (default: ~/.config/punch/key)')
  .option(
    '--known-keys <file>',
    'where the keys of servers and peers are remembered (default: ~/.config/punch/known_keys)',
  )
  .option('--accept <rule>', 'who may call: any, known, or list FILE (default: any)')
  .option('--bind <address>', 'the local address to send from, with :port or without')
  .option('--port <port>', 'the port of the server, unless its address names one', port, DEFAULT_PORT)
  .option('--json', 'print JSON lines instead of text for people')
  .option('--quiet', 'print nothing but what the peer says, and errors')
  .option('--inspect', INSPECT)
  .addOption(inspectTo())
  .option(
    '--record <file>',
    'write what happens into a file for punch replay: no messages, but names and addresses',
  )
  .action(async (server, name, peer, options) =>
    finish(await (await import('./client.ts')).runClient(server, name, peer, options)),
  );

program
  .command('demo')
  .description('watch a server and two clients find each other, as three processes on this machine')
  .option('--nat <kind>', 'put a client behind a NAT of the kernel (Linux; give it twice)', collect, [])
  .option('--json', 'print JSON lines instead of text for people')
  .option('--record <file>', 'record each process: run.jsonl becomes run-alice.jsonl, and so on')
  .option('--inspect', INSPECT)
  .addOption(inspectTo())
  .action(async (options) => finish(await (await import('./demo.ts')).runDemo(options)));

program
  .command('simulate')
  .description('run a server and two clients behind simulated NATs, in virtual time, and draw what happened')
  .option('--a <nat>', 'what alice, who calls, is behind: a kind, kind,key=value,…, or several joined by +')
  .option('--b <nat>', 'what bob is behind; "same" for the NAT of alice')
  .option('--protocol <n>', '2, or 1 as the original has it', protocol, 2)
  .option('--rtt <ms>', 'round trip between a client and the server (default: 40)')
  .option('--jitter <ms>', 'added to each datagram at random, up to this (default: 0)')
  .option('--loss <percent>', 'datagrams lost, each way on each access (default: 0)')
  .option('--duplicate <percent>', 'datagrams that come twice (default: 0)')
  .option('--reorder <percent>', 'datagrams held back so that later ones overtake them (default: 0)')
  .option('--seed <n>', 'a seed gives the same run every time (default: 1)')
  .option('--runs <n>', 'run this many seeds and print the success rate and times')
  .option('--matrix', 'run every pair of kinds and print the table')
  .option(
    '--record <file>',
    'write the run into a file for punch replay; with --runs the first against theory, else the slowest',
  )
  .option('--json', 'print JSON lines instead of text for people')
  .option('--inspect', 'show the run on the page of punch inspect')
  .addOption(inspectTo())
  .action(async (options) => finish(await (await import('./simulate.ts')).runSimulate(options)));

program
  .command('check')
  .description(
    'explore whole systems exhaustively: two clients, a server, the network, NATs, an attacker; judge every state',
  )
  .option('--protocol <n>', 'explore systems of this protocol only, 1 or 2')
  .option('--bounds <k=v,...>', 'take these bounds in place of those each scenario has; needs --protocol')
  .option('--json', 'print JSON lines instead of text for people')
  .option('--record <file>', 'write the shortest run that breaks a property into a file for punch replay')
  .action(async (options) => finish(await (await import('./check.ts')).runCheck(options)));

program
  .command('conform')
  .description(
    'drive a live server of protocol 1 along the paths of the session chart, and say where it deviates',
  )
  .argument('<server>', 'the server to test: host, host:port, or [IPv6 address]:port')
  .option('--timeout <ms>', 'how long an answer may take', milliseconds, 2000)
  .option('--slow', 'include the paths on which a session expires: they take twice the ttl and more')
  .option('--ttl <seconds>', 'when the server forgets a silent client', seconds, 90)
  .option('--from <address>', 'another address of this machine, for what a stranger does')
  .option('--seed <n>', 'the same seed uses the same names (default: another each time)', whole)
  .option('--json', 'print JSON lines instead of text for people')
  .action(async (server, options) =>
    finish(await (await import('./conform.ts')).runConform(server, options)),
  );

program
  .command('replay')
  .description('run the charts over a recording once more, step by step')
  .argument('<file>', 'what --record has written')
  .option('--check', 'say whether this version behaves as recorded: exit code 0 if so, else 1')
  .option('--json', 'print JSON lines instead of text for people')
  .action(async (file, options) => finish(await (await import('./replay.ts')).runReplay(file, options)));

program
  .command('inspect')
  .description('watch in a browser what runs with --inspect, before or after; or look at a recording')
  .argument('[file]', 'what --record has written')
  .option(
    '--port <port>',
    'the TCP port of the page, on 127.0.0.1 (default: 39739; any for a recording)',
    port,
  )
  .option('--no-open', 'print the address of the page only')
  .option('--json', 'print JSON lines instead of text for people')
  .action(async (file, options) => finish(await (await import('./inspect.ts')).runInspect(file, options)));

program
  .command('id')
  .description('show who this client is: its key, its fingerprint, and the address to give a friend')
  .argument('[name]', 'the name that the friend is to find it by')
  .option('--server <server>', 'the server that it registers with: host, host:port, or [IPv6 address]:port')
  .option('--key <file>', 'the file of the key, which is made on first use (default: ~/.config/punch/key)')
  .option('--json', 'print JSON lines instead of text for people')
  .action(async (name, options) => finish(await (await import('./id.ts')).runId(name, options)));

program
  .command('diagram')
  .description('print a chart: client, link, session or introduction')
  .argument('<chart>', 'client, link, session or introduction')
  .option('--format <format>', 'mermaid, svg, or json as XState reads it', 'mermaid')
  .option(
    '--theme <theme>',
    'the colours of an svg: light, dark, or auto for what its reader prefers',
    'auto',
  )
  .action(async (chart, options) => finish(await (await import('./diagram.ts')).runDiagram(chart, options)));

program
  .command('paths')
  .description('print the test paths that are generated from a chart, and what they cover')
  .argument('<chart>', 'client, link, session or introduction')
  .option('--json', 'print JSON lines instead of text for people')
  .action(async (chart, options) => finish(await (await import('./paths.ts')).runPaths(chart, options)));

try {
  await program.parseAsync(withPlaceApart(withRuleInOne(process.argv)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  finish(error.exitCode === 0 ? exitCodes.done : exitCodes.usage);
}

/** `--accept list FILE` with its rule as one argument, so that what comes after it is not taken for more of it. */
function withRuleInOne(args: readonly string[]): string[] {
  const at = args.findIndex((arg, index) => arg === 'list' && args[index - 1] === '--accept');
  const file = at < 0 ? undefined : args[at + 1];
  return file === undefined ? [...args] : args.toSpliced(at, 2, `list ${file}`);
}

/** `--inspect=place` under a name of its own: an option that may or may not have a value would take what follows it. */
function withPlaceApart(args: readonly string[]): string[] {
  return args.map((arg) => arg.replace(/^--inspect=/, '--inspect-to='));
}

function inspectTo(): Option {
  return new Option('--inspect-to <place>').argParser(place).hideHelp();
}

/** Ends the process even where something still listens, once all output is written. */
function finish(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

function exitCodeLines(): string {
  return Object.entries(exitCodes)
    .map(
      ([outcome, code]) =>
        `  ${String(code).padStart(3)}  ${outcomeTexts[outcome as keyof typeof exitCodes]}`,
    )
    .join('\n');
}

function port(text: string): number {
  const value = whole(text);
  if (value > 65_535) throw new InvalidArgumentError('Ports are numbers from 0 to 65535.');
  return value;
}

function place(text: string): 'stately' | number {
  return text === 'stately' ? text : port(text);
}

function count(text: string): number {
  const value = whole(text);
  if (value < 1 || value > 10_000_000)
    throw new InvalidArgumentError('Give a whole number from 1 to 10000000.');
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400))
    throw new InvalidArgumentError('Give seconds, more than 0 and at most 86400.');
  return value;
}

function protocol(text: string): 1 | 2 {
  if (text !== '1' && text !== '2') throw new InvalidArgumentError('There are protocols 1 and 2.');
  return text === '1' ? 1 : 2;
}

function milliseconds(text: string): number {
  const value = whole(text);
  if (value < 1 || value > 60_000) throw new InvalidArgumentError('Give milliseconds, from 1 to 60000.');
  return value;
}

function whole(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
