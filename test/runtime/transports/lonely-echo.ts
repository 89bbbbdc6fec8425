/** A program: opens a transport, sends itself a datagram, closes, and leaves it to Node to end. Arguments: how, where. */
import { PunchError } from '../../../runtime/errors.ts';
import { type Io, openTransport } from '../../../runtime/open-transport.ts';

const [io, address, port] = process.argv.slice(2) as [Io, string, string];
try {
  const transport = await openTransport(address, Number(port), io);
  transport.listen({
    datagram: () => {
      console.log('echoed');
      void transport.close();
    },
  });
  transport.send(transport.local, Uint8Array.of(1));
} catch (error) {
  if (!(error instanceof PunchError)) throw error;
  console.log(error.code);
}
