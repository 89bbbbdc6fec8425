/** A program: opens a transport, sends itself a datagram, closes, and leaves it to Node to end. Arguments: how, where, of how many bytes. */
import { PunchError } from '../../../runtime/errors.ts';
import { type Io, openTransport } from '../../../runtime/open-transport.ts';

const [io, address, port, size = '1'] = process.argv.slice(2) as [Io, string, string, string?];
try {
  const transport = await openTransport(address, Number(port), io);
  transport.listen({
    datagram: () => {
      console.log('echoed');
      void transport.close();
    },
  });
  transport.send(transport.local, new Uint8Array(Number(size)));
} catch (error) {
  if (!(error instanceof PunchError)) throw error;
  console.log(error.code);
}
