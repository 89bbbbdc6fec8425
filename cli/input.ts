import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';

/** The lines a person types, or a program pipes in. */
export type Input = {
  /** One line at a time; reading pauses while a line is being dealt with. */
  readonly lines: AsyncIterable<string>;
  /** Whether a person is typing. */
  readonly isInteractive: boolean;
  /** Writes something above the line that is being typed. */
  besideInput(write: () => void): void;
  close(): void;
};

export function openInput(): Input {
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const reader = createInterface({
    input: process.stdin,
    crlfDelay: Number.POSITIVE_INFINITY,
    ...(isInteractive ? { output: process.stdout, prompt: '' } : { terminal: false }),
  });
  // From the start, since what is read before anybody asks would be lost.
  const lines = reader[Symbol.asyncIterator]();
  // readline takes Ctrl-C for itself while it reads from a terminal.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  return {
    lines: { [Symbol.asyncIterator]: () => lines },
    isInteractive,
    besideInput: isInteractive ? (write) => above(reader, write) : (write) => write(),
    close: () => {
      reader.close();
      process.stdin.destroy();
    },
  };
}

/** A text in parts of at most `maxBytes` bytes of UTF-8 each, no character split. One empty part for an empty text. */
export function partsOf(text: string, maxBytes: number): string[] {
  const parts = [''];
  let room = maxBytes;
  for (const character of text) {
    const size = Buffer.byteLength(character);
    if (size > room) {
      parts.push('');
      room = maxBytes;
    }
    parts[parts.length - 1] += character;
    room -= size;
  }
  return parts;
}

function above(reader: Interface, write: () => void): void {
  cursorTo(process.stdout, 0);
  clearLine(process.stdout, 0);
  write();
  reader.prompt(true);
}
