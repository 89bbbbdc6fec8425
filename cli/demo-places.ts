import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type AccessKind, accessKinds } from '../runtime/simulation/behaviour.ts';

/** A `punch` command that runs somewhere. */
export type Running = {
  readonly lines: AsyncIterable<string>;
  /** Its exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  write(text: string): void;
  closeInput(): void;
  stop(): Promise<void>;
};

/** Three machines: one for the server, one for each client. */
export type Places = {
  readonly description: string;
  readonly serverAddress: string;
  run(where: 'server' | 'alice' | 'bob', args: readonly string[]): Running;
  close(): Promise<void>;
};

/** All on this machine, over loopback. */
export function loopbackPlaces(): Places {
  const children: ChildProcessWithoutNullStreams[] = [];
  return {
    description: 'A server and two clients, as three processes on this machine',
    serverAddress: '127.0.0.1',
    run: (_where, args) => {
      const child = spawn(process.execPath, [program, ...args], { stdio: 'pipe', detached: true });
      children.push(child);
      child.stderr.pipe(process.stderr);
      return {
        lines: createInterface({ input: child.stdout }),
        ended: once(child, 'close').then(([code]) => code as number | null),
        write: (text) => void child.stdin.write(text),
        closeInput: () => child.stdin.end(),
        stop: async () => {
          child.kill('SIGINT');
          if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
        },
      };
    },
    close: async () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

/** Each client behind a NAT of its own, made by the kernel in network namespaces. Rejects where that cannot be. */
export async function kernelPlaces(aliceKind: AccessKind, bobKind: AccessKind): Promise<Places> {
  const { Laboratory, serverAddresses } = await import('../test/natlab/laboratory.ts');
  const lab = await Laboratory.build({
    sites: [
      { name: 'alice', access: accessKinds[aliceKind] },
      { name: 'bob', access: accessKinds[bobKind] },
    ],
  });
  return {
    description: `A server on a small internet of network namespaces, alice behind ${aliceKind}, bob behind ${bobKind}`,
    serverAddress: serverAddresses.ipv4[0],
    run: (where, args) => {
      const host = where === 'server' ? lab.server : lab.host(where);
      const child = lab.spawn(host, process.execPath, [program, ...args]);
      child.stderr.pipe(process.stderr);
      return {
        lines: child.lines(),
        ended: child.ended.then(({ code }) => code),
        write: (text) => void child.stdin.write(text),
        closeInput: () => child.stdin.end(),
        stop: async () => {
          child.signal('SIGINT');
          await child.ended;
        },
      };
    },
    close: () => lab.dispose(),
  };
}

const program = fileURLToPath(new URL('main.js', import.meta.url));
