import type { Endpoint } from '../../machines/endpoint.ts';
import { decode, encode, type Message } from '../../machines/wire.ts';
import { bindSocket } from './sockets.ts';

/** A server that registers everybody, and says of every peer that it is at `remote`. Returns its own endpoint. */
export async function openIntroducingServer(remote: Endpoint): Promise<Endpoint> {
  const socket = await bindSocket();
  socket.on('message', (bytes, { address, port }) => {
    const answer = answerTo(decode(bytes), remote);
    if (answer !== undefined) socket.send(encode(answer), port, address);
  });
  const { address, port } = socket.address();
  return { address, port };
}

function answerTo(message: ReturnType<typeof decode>, remote: Endpoint): Message | undefined {
  if (typeof message === 'string') return undefined;
  if (message.type === 'register') return { type: 'registerAck' };
  return message.type === 'holePunchRequest'
    ? { type: 'holePunchInitiate', name: message.name, remote }
    : undefined;
}
