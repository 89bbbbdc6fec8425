/** A thread: draws charts by their definitions, one after the other. */
import { parentPort } from 'node:worker_threads';
import { type AnyStateMachine, createMachine } from 'xstate';
import { drawChart } from '../drawing/chart.ts';

export type Drawing = { readonly svg: string; readonly width: number; readonly height: number };

parentPort?.on('message', async ({ number, definition }: { number: number; definition: string }) => {
  const drawing = await draw(definition).catch(() => undefined);
  parentPort?.postMessage({ number, drawing });
});

async function draw(definition: string): Promise<Drawing> {
  const machine: AnyStateMachine = createMachine(JSON.parse(definition));
  const { svg, width, height } = await drawChart(machine);
  return { svg, width, height };
}
