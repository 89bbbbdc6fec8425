import { spawnSync } from 'node:child_process';
import { mainFile, Program } from './program.ts';

/** Why no pseudo-terminal can be had here; undefined where one can. */
export function terminalUnavailable(): string | undefined {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return stdout?.includes('util-linux')
    ? undefined
    : 'there is no `script` of util-linux: apt-get install bsdutils';
}

/** Starts `punch` on a terminal of its own. What is typed arrives there as if from a keyboard. */
export function onTerminal(...args: readonly string[]): Program {
  const command = [process.execPath, mainFile, ...args].map((word) => `'${word}'`).join(' ');
  return new Program([
    'script',
    '--quiet',
    '--return',
    '--echo',
    'never',
    '--command',
    `stty columns 200; exec ${command}`,
    '/dev/null',
  ]);
}
