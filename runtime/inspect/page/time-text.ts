import type { Scene } from './scene.ts';

/** A moment as people read it: milliseconds since the scene began, or a number of moves. */
export function momentText(scene: Scene, at: number): string {
  if (scene.times === 'moves') return `move ${at}`;
  return durationText(at - (scene.times === 'real' ? scene.beginsAt : 0));
}

/** `0.42 ms`, `12.3 ms`, `1.25 s`, `4:05 min`. */
export function durationText(ms: number): string {
  if (ms < 0) return `−${durationText(-ms)}`;
  if (ms < 999.5) return `${ms.toFixed(decimalsOf(ms))} ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(decimalsOf(ms / 1000))} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const rest = String(seconds % 60).padStart(2, '0');
  return hours === 0 ? `${minutes}:${rest} min` : `${hours}:${String(minutes).padStart(2, '0')}:${rest} h`;
}

/** The same where there is little room and nobody minds a tenth. */
export function roughText(ms: number): string {
  return ms < 9_950
    ? durationText(Math.round(ms)).replace(/\.\d+ ms/, ' ms')
    : durationText(ms).replace(/\.\d+ s/, ' s');
}

function decimalsOf(value: number): number {
  if (value < 9.995) return 2;
  return value < 99.95 ? 1 : 0;
}
