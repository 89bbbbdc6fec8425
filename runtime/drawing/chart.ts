import type { AnyStateMachine } from 'xstate';
import { stateNodesOf } from '../exploration/anatomy.ts';
export async function drawChart(
  machine: AnyStateMachine,
): Promise<{ svg: string; width: number; height: number }> {
  const nodes = stateNodesOf(machine);
  const rows = nodes.map(
    (n, i) =>
      `<g data-state="${n.id}"><rect x="${n.path.length * 20}" y="${i * 26}" width="200" height="24" fill="none" stroke="currentColor"/><text x="${n.path.length * 20 + 6}" y="${i * 26 + 16}">${n.key}</text></g>`,
  );
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 ${nodes.length * 26}">${rows.join('')}</svg>`,
    width: 400,
    height: nodes.length * 26,
  };
}
