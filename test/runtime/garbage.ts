import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects garbage now, without a flag on Node's command line. */
export const collectGarbage = runInNewContext('gc') as () => void;
