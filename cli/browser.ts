import { spawn } from 'node:child_process';

/** Opens a page in the user's browser, if there is a desktop to open it on. Says whether it was tried. */
export function openInBrowser(url: string): boolean {
  const command = commandFor(url);
  if (command === undefined) return false;
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  // Without such a program, the address that was printed has to do.
  child.on('error', () => {});
  child.unref();
  return true;
}

function commandFor(url: string): readonly [string, ...string[]] | undefined {
  const { platform, env } = process;
  if (platform === 'darwin') return ['open', url];
  if (platform === 'win32') return ['cmd', '/c', 'start', '""', url];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open', url] : undefined;
}
