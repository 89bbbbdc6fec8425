/** `punch replay FILE [--check] [--json]`, as a program of its own. */
import { runReplay } from '../../cli/replay.ts';

const [file = '', ...flags] = process.argv.slice(2);
const code = await runReplay(file, { check: flags.includes('--check'), json: flags.includes('--json') });
process.stdout.write('', () => process.exit(code));
