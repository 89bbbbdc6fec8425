import { createHash } from 'node:crypto';
import { greetingOf } from '../../machines/link.ts';

/**
 * A copy without what people say to each other, and without what proves an address: texts become asterisks of the same
 * length in UTF-8, cookies and tokens become others that are equal where they were. Greetings stay, since charts tell
 * them from other words. Charts know of no other secrets.
 */
export function redact(value: unknown, greetings: ReadonlySet<string>): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((part) => redact(part, greetings));
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      typeof part === 'string' ? redacted(key, part, greetings) : redact(part, greetings),
    ]),
  );
}

function redacted(key: string, text: string, greetings: ReadonlySet<string>): string {
  if (key === 'text' && !greetings.has(text)) return '*'.repeat(Buffer.byteLength(text));
  if (key !== 'cookie' && key !== 'token') return text;
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 2 * PSEUDONYM_BYTES);
}

/** Enough that two differ, and less than would be accepted for one. */
const PSEUDONYM_BYTES = 4;

/** What both sides of a link say that began with this input; nothing for other charts. */
export function greetingsIn(input: unknown): ReadonlySet<string> {
  if (input === null || typeof input !== 'object' || !('name' in input) || !('peer' in input)) return NONE;
  return new Set([greetingOf(String(input.name)), greetingOf(String(input.peer))]);
}

const NONE: ReadonlySet<string> = new Set();
