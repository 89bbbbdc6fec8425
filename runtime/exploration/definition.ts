import type { AnyStateMachine } from 'xstate';
import { nameOfImplementation } from './anatomy.ts';

/** A chart as JSON that XState's `createMachine` reads: what is implemented is there by name, what is computed is not. */
export function definitionOf(machine: AnyStateMachine): string {
  return `${JSON.stringify(machine.config, withoutFunctions, 2)}\n`;
}

function withoutFunctions(key: string, value: unknown): unknown {
  if (typeof value !== 'function') return value;
  return key === 'params' || key === 'context' ? undefined : nameOfImplementation(value);
}
