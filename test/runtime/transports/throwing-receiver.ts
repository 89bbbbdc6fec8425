/** A program: a receiver throws at the first datagram of three; says what it has heard. Argument: how it is received. */
import { type Io, openTransport } from '../../../runtime/open-transport.ts';

const [io] = process.argv.slice(2) as [Io];
const transport = await openTransport('127.0.0.1', 0, io);
process.on('uncaughtException', (error) => console.log(error.message));
transport.listen({
  datagram: (_from, bytes) => {
    if (bytes[0] === 1) throw new Error('thrown');
    console.log(bytes[0]);
    if (bytes[0] === 3) void transport.close();
  },
});
for (const number of [1, 2, 3]) transport.send(transport.local, Uint8Array.of(number));
