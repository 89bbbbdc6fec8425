/** The longest name, in bytes of UTF-8. */
export const NAME_BYTES_MAX = 63;

/** Why a text cannot be a client's name, as a sentence's end; undefined if it can. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (new TextEncoder().encode(name).length > NAME_BYTES_MAX)
    return `is longer than ${NAME_BYTES_MAX} bytes of UTF-8`;
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) return 'contains control characters';
  return undefined;
}
