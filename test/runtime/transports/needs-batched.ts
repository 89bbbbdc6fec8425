import { openLibc } from '../../../runtime/batched/libc.ts';
import { requires } from '../../support/requirements.ts';

/** The options of a suite that needs batched UDP. */
export const needsBatched = requires(
  'batched UDP',
  await openLibc().then(
    () => undefined,
    (error: Error) => error.message,
  ),
);
