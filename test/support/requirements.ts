/**
 * The options of a suite that needs something of its machine: skipped, with the reason and the remedy, where that is
 * missing. `PUNCH_REQUIRE_ALL=1` makes what is missing a failure, so that nothing is left out where everything can run.
 */
export function requires(what: string, reason: string | undefined): { skip?: string } {
  if (reason === undefined) return {};
  if (process.env.PUNCH_REQUIRE_ALL === '1')
    throw new Error(`PUNCH_REQUIRE_ALL is set, but ${what}: ${reason}`);
  return { skip: `${what}: ${reason}` };
}
