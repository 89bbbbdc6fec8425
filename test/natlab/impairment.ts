import { delayUnavailable } from './availability.ts';
import type { PrivateRoot } from './namespace.ts';
import { accessInterface, core, type Site } from './plan.ts';
import { programArguments } from './program.ts';
import type { Impairment } from './wan.ts';

export type { Impairment } from './wan.ts';

/** Why lines cannot be made this bad here, or `undefined` where they can. Loss alone needs nothing special. */
export function impairmentUnavailable(lines: Iterable<Impairment>): string | undefined {
  return [...lines].some(isSlow) ? delayUnavailable() : undefined;
}

/** Makes the lines of sites as bad as the sites were planned with. The same seed loses and delays alike. */
export async function impair(root: PrivateRoot, sites: readonly Site[], seed: number): Promise<void> {
  const lines = sites.flatMap(({ impairment }) => (impairment === undefined ? [] : [impairment]));
  const reason = impairmentUnavailable(lines);
  if (reason !== undefined) throw new Error(reason);
  if (lines.some(isSlow)) await emulate(root, sites, seed);
  else if (lines.length > 0) await lose(root, sites);
}

function isSlow({ delayMilliseconds = 0, jitterMilliseconds = 0 }: Impairment): boolean {
  return delayMilliseconds > 0 || jitterMilliseconds > 0;
}

async function lose(root: PrivateRoot, sites: readonly Site[]): Promise<void> {
  const rules = sites.flatMap((site) => {
    const dice = `numgen random mod 10000 < ${Math.round((site.impairment?.loss ?? 0) * 10_000)} drop`;
    const device = accessInterface(site);
    return site.impairment?.loss ? [`iifname ${device} ${dice}`, `oifname ${device} ${dice}`] : [];
  });
  const chain = ['chain forward { type filter hook forward priority -10;', ...rules, '}'].join('\n');
  await root.run(['nft', '-f', '-'], { namespace: core, input: `table inet loss {\n${chain}\n}` });
}

/**
 * Sends whatever enters the core through a program of ours, because few kernels outside of servers have netem. Costs
 * every packet one more hop.
 */
async function emulate(root: PrivateRoot, sites: readonly Site[], seed: number): Promise<void> {
  const lines = sites.map(({ number, impairment }) => [number, impairment ?? {}]);
  const program = [...programArguments('wan-emulator'), String(seed), JSON.stringify(lines)];
  const emulator = root.spawn(core, 'perl', ['-e', attachTun, process.execPath, ...program]);
  for await (const line of emulator.lines()) {
    if (line !== 'ready') continue;
    await root.run(['ip', '-batch', '-'], { namespace: core, input: detours(sites, '') });
    await root.run(['ip', '-6', '-batch', '-'], { namespace: core, input: detours(sites, '-6') });
    return;
  }
  throw new Error('the emulator of lines did not start');
}

function detours(sites: readonly Site[], family: '' | '-6'): string {
  const devices = ['server', ...sites.map(accessInterface)];
  return [
    ...(family === '' ? ['link set emulator up'] : []),
    'route add default dev emulator table 100',
    ...devices.map((device) => `rule add iif ${device} lookup 100`),
  ].join('\n');
}

/** Node cannot call ioctl; perl, which every Debian has, opens the device and becomes Node. */
const attachTun = `
  $^F = 255;  # leave the device open for the program that we become
  open(my $tun, "+<", "/dev/net/tun") or die "/dev/net/tun: $!";
  my ($TUNSETIFF, $IFF_TUN, $IFF_NO_PI) = (0x400454ca, 0x0001, 0x1000);
  ioctl($tun, $TUNSETIFF, pack("a16 s x22", "emulator", $IFF_TUN | $IFF_NO_PI)) or die "TUNSETIFF: $!";
  exec @ARGV, fileno($tun) or die "$ARGV[0]: $!";`;
