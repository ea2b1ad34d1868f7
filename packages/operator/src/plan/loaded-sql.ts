/** With which SQL the days of a status were loaded, and with which SQL the release would load them. */
import { currentLoadSql } from '@user-behaviour/redshift-load/load/transaction';
import { Failure } from '@user-behaviour/shared/failure';
import type { Parameters } from '@user-behaviour/shared/manifest/staleness';
import type { DayFacts } from '../facts/day-facts.ts';
import { parseRunner, requireJobs } from '../run/job-command.ts';
import type { Shell } from '../shell.ts';
import { tellDays } from './day-ranges.ts';
import { askJob } from './job-settings.ts';

/**
 * What make bundles is this checkout; an image is asked. Undefined if no day has anything to compare, or the image
 * does not say it: a status goes on without.
 */
export async function loadParametersFor(
  days: readonly DayFacts[],
  { env, report, stopSignal }: Pick<Shell, 'env' | 'report' | 'stopSignal'>,
): Promise<Parameters | undefined> {
  const known = days.find(({ ledger }) => (ledger?.loadSql ?? null) !== null);
  if (known === undefined) return undefined;
  const runner = parseRunner(env['RUNNER']);
  if (runner === 'node') return { loadSql: currentLoadSql() };
  try {
    await requireJobs(runner);
    return await askJob(runner, stopSignal())('redshift-load', known.ds);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    report(`whether days were loaded with other SQL is not shown: ${error.message}`);
    return undefined;
  }
}

/** Such days are not due, because nobody knows whether their SQL was another one. */
export function tellUnknownSql(
  days: readonly DayFacts[],
  { report, optionName }: Pick<Shell, 'report' | 'optionName'>,
): void {
  const unknown = days.filter(({ ledger }) => ledger?.loadSql === null).map(({ ds }) => ds);
  if (unknown.length === 0) return;
  const force = optionName('force') === '--force' ? '--force' : 'FORCE=1';
  report(
    `loaded with SQL that the ledger does not know: ${tellDays(unknown)}; a backfill with ${force} loads them again`,
  );
}
