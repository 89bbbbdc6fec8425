import { homedir } from 'node:os';
import { realEntropy } from '../runtime/ambient.ts';
import { openKeyFile } from '../runtime/identity/key-file.ts';
import { encodeName, formatHostAndPort, parseServerAddress } from '../runtime/identity/peer-address.ts';
import { placesOf } from '../runtime/identity/places.ts';
import { PunchError } from '../runtime/index.ts';
import { checkName } from '../runtime/names.ts';
import { fingerprintOf, formatKey } from '../runtime/secrecy/keys.ts';
import { exitCodes, outcomeOf } from './exit.ts';
import { escapeText, type Report, render, toJson } from './render.ts';

export type IdCommandOptions = {
  readonly server?: string;
  readonly key?: string;
  readonly json?: boolean;
};

/** `punch id`: shows who this client is, and makes its key if it has none. Resolves to the exit code. */
export async function runId(name: string | undefined, options: IdCommandOptions): Promise<number> {
  try {
    const identity = await identityOf(name, options);
    print(identity, options.json);
    if (!options.json) for (const text of advice(identity)) explain(text);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof PunchError)) throw error;
    const outcome = outcomeOf(error.code);
    const end: Report = { type: 'end', outcome, code: exitCodes[outcome], reason: error.message };
    if (options.json) print(end, true);
    else explain(render(end) ?? '');
    return exitCodes[outcome];
  }
}

type Identity = Extract<Report, { type: 'identity' }>;

async function identityOf(name: string | undefined, options: IdCommandOptions): Promise<Identity> {
  if (name !== undefined) checkName(name);
  const server = options.server === undefined ? undefined : parseServerAddress(options.server);
  const file = options.key ?? placesOf(process.env, homedir()).keyFile;
  const { publicKey, isNew } = await openKeyFile(file, realEntropy);
  const key = formatKey(publicKey);
  const address = `punch://${name === undefined ? '<name>' : encodeName(name)}@${
    server === undefined ? '<server>' : formatHostAndPort(server)
  }#${key}`;
  const missing = [
    ...(name === undefined ? (['name'] as const) : []),
    ...(server === undefined ? (['server'] as const) : []),
  ];
  return { type: 'identity', key, fingerprint: fingerprintOf(publicKey), file, isNew, address, missing };
}

function advice({ isNew, file, missing }: Identity): readonly string[] {
  const made = `A key was made. Keep ${escapeText(file)} to yourself: whoever has it can pose as you.`;
  const lacking = `The address lacks the ${missing.join(' and the ')}: punch id bob --server punch.example.org`;
  return [...(isNew ? [made] : []), ...(missing.length > 0 ? [lacking] : [])];
}

function print(report: Report, json: boolean | undefined): void {
  process.stdout.write(`${json ? toJson(report) : render(report)}\n`);
}

function explain(text: string): void {
  process.stderr.write(`${text}\n`);
}
