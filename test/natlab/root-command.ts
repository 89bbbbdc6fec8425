/** The command that runs a shell script as the first process of new namespaces. */
export function privateRootCommand(script: string): readonly [string, ...string[]] {
  const flags = isRoot() ? '-nmpf' : '-Urnmpf';
  const prepared = `mount -t tmpfs none /run; mkdir -p /run/netns; ip link set lo up; ${script}`;
  return ['unshare', flags, '--kill-child', '--mount-proc', 'sh', '-ec', prepared];
}

/** The command, without its `--net`, that enters the namespaces of a process of ours. */
export function enterCommand(firstProcess: number): readonly [string, ...string[]] {
  // Without the credentials kept, entering a user namespace fails on setgroups.
  const user = isRoot() ? [] : ['--user', '--preserve-credentials'];
  return ['nsenter', '--target', String(firstProcess), ...user, '--mount', '--pid'];
}

/** Our environment, with the folders where Debian keeps `ip` and `nft` out of a user's sight. */
export function hostEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` };
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
