import { createWriteStream, type WriteStream } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { TRACE_FORMAT } from './format.ts';
import type { TraceSink } from './writer.ts';

/** What may wait for the disk. More means that it does not keep up, and the trace ends. */
export const BACKLOG_BYTES_MAX = 16 * 1024 * 1024;

export type FileSink = TraceSink & {
  /** Resolves when everything is with the operating system, or has failed. Never rejects. */
  close(): Promise<void>;
};

export type FileSinkOptions = {
  readonly backlogBytesMax?: number;
  /** Hears, at most once, in a sentence without its full stop, why the file cannot be written any more. */
  failed(why: string): void;
};

/** Opens a new file for a trace, in place of an older trace but of nothing else. Never rejects. */
export async function openFileSink(path: string, options: FileSinkOptions): Promise<FileSink> {
  try {
    return new StreamSink(createWriteStream(path, { fd: await openNew(path) }), options);
  } catch (error) {
    options.failed(reasonOf(error as Error));
    return { write: () => false, close: async () => {} };
  }
}

/** What people are told of an error of the file system. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  return texts[error.code ?? ''] ?? error.message;
}

const texts: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large',
  EIO: 'the disk reports an error',
  EEXIST: 'another program has just made it',
  ENAMETOOLONG: 'its name is too long',
};

/** Removes an older trace rather than emptying it: another process may still be writing there. */
async function openNew(path: string): Promise<FileHandle> {
  const known = await stat(path).catch(unlessMissing);
  if (known?.isCharacterDevice()) return open(path, 'w');
  if (known?.isDirectory()) throw new Error('it is a directory');
  if (known !== undefined) {
    if (!known.isFile() || !(await isTrace(path))) {
      throw new Error('it is there already and is no trace, so it is left as it is');
    }
    await rm(path);
  }
  return open(path, 'wx', 0o600);
}

async function isTrace(path: string): Promise<boolean> {
  const start = `{"format":"${TRACE_FORMAT}"`;
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(start.length), 0, start.length, 0);
    return bytesRead === 0 || buffer.toString('latin1') === start;
  } finally {
    await file.close();
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

class StreamSink implements FileSink {
  readonly #stream: WriteStream;
  readonly #backlogBytesMax: number;
  readonly #tell: (why: string) => void;
  #isClosed = false;
  #hasFailed = false;

  constructor(stream: WriteStream, { backlogBytesMax = BACKLOG_BYTES_MAX, failed }: FileSinkOptions) {
    this.#stream = stream;
    this.#backlogBytesMax = backlogBytesMax;
    this.#tell = failed;
    stream.on('error', (error) => this.#fail(reasonOf(error)));
  }

  write(line: string): boolean {
    if (this.#isClosed || this.#hasFailed) return false;
    if (this.#stream.writableLength + line.length > this.#backlogBytesMax) {
      this.#fail('the disk does not keep up');
      return false;
    }
    this.#stream.write(line);
    return true;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return new Promise((resolve) => {
      if (this.#stream.closed) return resolve();
      this.#stream.once('close', () => resolve());
      this.#stream.end();
    });
  }

  #fail(why: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#tell(why);
  }
}
