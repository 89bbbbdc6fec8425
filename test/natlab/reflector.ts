import { createSocket, type Socket } from 'node:dgram';
import { decodeQuestion, encode, type Family, reflectors } from './reflection.ts';

/** A program for the server of a lab: says at every reflector's endpoint who asked. Ends with its standard input. */

let unbound = 0;
const families: readonly Family[] = [4, 6];
for (const family of families) {
  const sockets: Socket[] = [];
  reflectors[family].forEach(({ address, port }, index) => {
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6' });
    socket.on('message', (bytes, { address, port }) => {
      const asked = decodeQuestion(bytes);
      for (const reflector of asked?.answerFrom ?? []) {
        const { question, answerTo: to = { address, port } } = asked ?? {};
        if (question === undefined) continue;
        const answer = encode({ question, reflector, seen: { address, port } });
        sockets[reflector]?.send(answer, to.port, to.address);
      }
    });
    unbound += 1;
    socket.bind({ address, port }, () => {
      unbound -= 1;
      if (unbound === 0) console.log('ready');
    });
    sockets[index] = socket;
  });
}
process.stdin.resume().on('end', () => process.exit(0));
