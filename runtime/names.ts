import { nameFault } from '../machines/name.ts';
import { PunchError } from './errors.ts';

/** Throws a {@link PunchError} (`badName`) when nobody can have that name. */
export function checkName(name: string): void {
  const fault = nameFault(name);
  if (fault !== undefined)
    throw new PunchError('badName', `The name ${JSON.stringify(name)} ${fault}. Choose another.`);
}

/** Throws a {@link PunchError} (`badName`) when a client of the one name cannot ask for the other. */
export function checkPeerName(own: string, peer: string): void {
  checkName(peer);
  if (peer === own)
    throw new PunchError('badName', `"${peer}" is this client's own name. Name the other one.`);
}
