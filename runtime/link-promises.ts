import { PunchError } from './errors.ts';

/** What a link promises its user, and what keeps it. */
export type LinkPromises = {
  readonly connected: Promise<void>;
  readonly ended: Promise<PunchError | undefined>;
  readonly settle: { connected(): void; over(error: PunchError | undefined): void };
};

export function linkPromises(peer: string): LinkPromises {
  let connected = () => {};
  let fail = (_error: PunchError) => {};
  let over = (_error: PunchError | undefined) => {};
  const whenConnected = new Promise<void>((resolve, reject) => {
    connected = resolve;
    fail = reject;
  });
  // Whoever does not wait for the connection learns of its failure from `ended`.
  whenConnected.catch(() => {});
  const whenOver = new Promise<PunchError | undefined>((resolve) => {
    over = resolve;
  });
  return {
    connected: whenConnected,
    ended: whenOver,
    settle: {
      connected,
      over: (error: PunchError | undefined) => {
        fail(error ?? new PunchError('closed', `The link to ${peer} was closed before it was connected.`));
        over(error);
      },
    },
  };
}
