import type { TestEvent } from 'node:test/reporters';
import { briefly } from './briefly.ts';

/** A reporter for node:test that tells only of failures: each is a line, the JSON of a sentence. */
export default async function* failures(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') path.splice(data.nesting, path.length, data.name);
    if (type !== 'test:fail') continue;
    const { error } = data.details;
    if ('failureType' in error && error.failureType === 'subtestsFailed') continue;
    const sentence = [...path.slice(0, data.nesting), data.name].join(', ');
    yield `${JSON.stringify(`${sentence}: ${briefly(error)}`)}\n`;
  }
}
