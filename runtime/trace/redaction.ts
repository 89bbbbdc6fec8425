import { greetingOf } from '../../machines/link.ts';

/**
 * A copy without what people say to each other: asterisks of the same length in UTF-8. Greetings stay, since charts
 * tell them from other words. Protocol 1 has no other secrets.
 */
export function redact(value: unknown, greetings: ReadonlySet<string>): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((part) => redact(part, greetings));
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === 'text' && typeof part === 'string' && !greetings.has(part)
        ? '*'.repeat(Buffer.byteLength(part))
        : redact(part, greetings),
    ]),
  );
}

/** What both sides of a link say that began with this input; nothing for other charts. */
export function greetingsIn(input: unknown): ReadonlySet<string> {
  if (input === null || typeof input !== 'object' || !('name' in input) || !('peer' in input)) return NONE;
  return new Set([greetingOf(String(input.name)), greetingOf(String(input.peer))]);
}

const NONE: ReadonlySet<string> = new Set();
