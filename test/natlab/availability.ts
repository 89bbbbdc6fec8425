import { spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hostEnvironment, isRoot, privateRootCommand } from './root-command.ts';

let labReason: { readonly reason: string | undefined } | undefined;

/** A sentence saying why no lab can be built here and what would help, or `undefined` where one can. */
export function labUnavailable(): string | undefined {
  labReason ??= { reason: reasonAgainstLab() };
  return labReason.reason;
}

/** The same for links with delay or jitter, which need a TUN device besides. */
export function delayUnavailable(): string | undefined {
  return labUnavailable() ?? missing({ perl: 'perl-base' }) ?? reasonAgainstTun();
}

const tools = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
};

/** One of everything that a lab is made of. */
const trial = `
  ip netns add trial
  ip link add name left type veth peer name right netns trial
  ip link add name lan type bridge
  nft add table ip nat
  nft add chain ip nat after '{ type nat hook postrouting priority srcnat; }'
  nft add rule ip nat after masquerade`;

function reasonAgainstLab(): string | undefined {
  if (process.platform !== 'linux') {
    return 'network namespaces exist on Linux only: run this on Linux, or in a virtual machine that does';
  }
  const absent = missing(tools);
  if (absent !== undefined) return absent;
  const [program, ...args] = privateRootCommand(trial);
  const { status, stderr } = spawnSync(program, args, { env: hostEnvironment(), encoding: 'utf8' });
  if (status === 0) return undefined;
  const saying = stderr.trim().replaceAll('\n', '; ') || `exit ${status}`;
  if (isRoot()) {
    return `this kernel or container refuses network namespaces even to root (${saying}): give it CAP_SYS_ADMIN and CAP_NET_ADMIN`;
  }
  return (
    `user namespaces are refused to this user (${saying}): run as root, or allow them with ` +
    'sysctl user.max_user_namespaces=10000 kernel.apparmor_restrict_unprivileged_userns=0'
  );
}

function missing(wanted: Readonly<Record<string, string>>): string | undefined {
  const absent = Object.keys(wanted).filter((tool) => !isInstalled(tool));
  if (absent.length === 0) return undefined;
  const packages = new Set(absent.map((tool) => wanted[tool]));
  return `not installed: ${absent.join(', ')}; apt-get install ${[...packages].join(' ')}`;
}

function isInstalled(tool: string): boolean {
  const folders = (hostEnvironment().PATH ?? '').split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function reasonAgainstTun(): string | undefined {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    return undefined;
  } catch (error) {
    const saying = error instanceof Error ? error.message : String(error);
    return `/dev/net/tun cannot be used (${saying}): modprobe tun, and chmod 666 /dev/net/tun to use it without root`;
  }
}
