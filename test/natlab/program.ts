import { extname } from 'node:path';

/**
 * The arguments with which `node` runs a module of this folder as a program of its own: the source through tsx, or
 * what was compiled from it, whichever we are.
 */
export function programArguments(name: string): string[] {
  const extension = extname(import.meta.url);
  const file = new URL(`./${name}${extension}`, import.meta.url).pathname;
  return extension === '.ts' ? ['--import', import.meta.resolve('tsx'), file] : [file];
}
