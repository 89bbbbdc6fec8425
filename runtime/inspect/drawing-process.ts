/** A process: draws charts by their definitions, one after the other, until who asked has gone. */
import { type AnyStateMachine, createMachine } from 'xstate';
import { type Drawing, drawChart } from '../drawing/drawing.ts';

export type { Drawing };

export type DrawingRequest = { readonly number: number; readonly definition: string };

/** Without a drawing if there can be none. */
export type DrawingAnswer = { readonly number: number; readonly drawing?: Drawing };

process.on('disconnect', () => process.exit());
// Ctrl-C in a terminal is for who asked: it lets us go in its own time.
process.on('SIGINT', () => {});
process.on('message', async ({ number, definition }: DrawingRequest) => {
  const drawing = await draw(definition).catch(() => undefined);
  process.send?.({ number, ...(drawing === undefined ? {} : { drawing }) } satisfies DrawingAnswer);
});

/** Without a style: the page has one for all. */
async function draw(definition: string): Promise<Drawing> {
  const machine: AnyStateMachine = createMachine(JSON.parse(definition));
  return drawChart(machine, { theme: 'none' });
}
