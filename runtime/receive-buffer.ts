/** Bytes the kernel may hold for us while JavaScript is busy; it grants what its own limits allow. */
export const RECEIVE_BUFFER_BYTES = 4 << 20;

/** What to tell whoever runs a server whose socket was granted fewer bytes; undefined if it has all. */
export function shortageOf(granted: number): string | undefined {
  if (granted >= RECEIVE_BUFFER_BYTES) return undefined;
  const remedy =
    process.platform === 'linux'
      ? `: sysctl -w net.core.rmem_max=${RECEIVE_BUFFER_BYTES}`
      : ' of this system';
  return (
    `The kernel keeps ${Math.floor(granted / 1024)} kB for datagrams that wait, of the ${RECEIVE_BUFFER_BYTES >> 10} kB ` +
    `that were asked for, so a burst of them is lost sooner. Raise the limit${remedy}`
  );
}
