import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { headerFault } from './header.ts';

/**
 * Why the file is no sound store, as a sentence's end; undefined if it is one. What LMDB reads it maps into memory, so
 * that damage can kill whoever reads: once the head of the file is in order, a process of its own goes first.
 */
export async function verifyStore(file: string): Promise<string | undefined> {
  return (await headerFault(file)) ?? (await fatalFault(file));
}

/** Damage may lead a reader in circles; an honest store of the largest size takes a second. */
const DEADLINE_MS = 30_000;

async function fatalFault(file: string): Promise<string | undefined> {
  const child = spawn(process.execPath, [...loaders(), '--input-type=module', '--eval', trial(file)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  const [code, why] = await Promise.all([ended, text(child.stdout)]);
  if (code === 0) return undefined;
  return code === REFUSED && why !== '' ? why : 'it is damaged, and reading it crashes';
}

const REFUSED = 3;

function trial(file: string): string {
  const store = new URL(import.meta.url.replace(/verify(\.[jt]s)$/, 'store$1'));
  return `
    const { readStore } = await import(${JSON.stringify(store.href)});
    await readStore(${JSON.stringify(file)}).catch((error) => {
      process.stdout.write(error.message);
      process.exitCode = ${REFUSED};
    });
  `;
}

/** The options of this process that let it load TypeScript, if it does. */
function loaders(): readonly string[] {
  const options = process.execArgv;
  return options.flatMap((option, index) => {
    if (/^--(import|loader|require)=/.test(option)) return [option];
    return /^--(import|loader|require)$/.test(option) ? [option, options[index + 1] ?? ''] : [];
  });
}
