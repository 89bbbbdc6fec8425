import { openUdp } from '../../../runtime/udp.ts';
import { conformance } from './conformance.ts';
import { socketConformance } from './sockets.ts';
import { loopback } from './world.ts';

conformance('node:dgram', () => loopback(openUdp));
socketConformance('dgram');
