import { type Endpoint, formatEndpoint } from '../machines/endpoint.ts';
import { PunchError } from './errors.ts';

/** Why a UDP socket cannot have an address: the operating system's code, and what it says of it. */
export function bindError(code: string | undefined, message: string, endpoint: Endpoint): PunchError {
  const where = formatEndpoint(endpoint);
  switch (code) {
    case 'EADDRINUSE':
      return new PunchError(
        'addressInUse',
        `UDP port ${where} is in use by another program. Stop it, or choose another port.`,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return new PunchError(
        'addressUnavailable',
        `This machine has no address ${endpoint.address}. Choose one of its own.`,
      );
    case 'EACCES':
      return new PunchError(
        'permissionDenied',
        `Binding UDP port ${where} is not permitted. Choose a port above 1023.`,
      );
    default:
      return new PunchError('addressUnavailable', `UDP port ${where} cannot be bound: ${message}.`);
  }
}
