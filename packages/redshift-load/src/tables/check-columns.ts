/** What `--check` says of the columns of the warehouse's own tables. */
import { Failure } from '@user-behaviour/shared/failure';
import type { CheckResult } from '@user-behaviour/shared/runner/health-checks';
import { firstTables, migrations } from './definitions.ts';
import { differencesOf } from './differences.ts';
import type { FoundTables } from './found-tables.ts';

/** @throws a configuration failure for columns that no migration mends. */
export function checkColumns(found: FoundTables): CheckResult {
  const expected = [firstTables(), migrations()] as const;
  const { pending, faults, otherTypes } = differencesOf(found, ...expected);
  const missing = pending.map(({ file, table }) => `migration ${file} of ${table} is missing`);
  const wrong = [...faults, ...otherTypes];
  if (wrong.length > 0) {
    throw new Failure('configuration', [...wrong, ...missing].join('; '), {
      action:
        'give the columns the types of sql/warehouse/ddl and sql/warehouse/migration, or deploy the release that changed them',
    });
  }
  if (missing.length > 0) {
    return {
      found: missing.join('; '),
      advice: 'run make migrate, or let the next load apply it',
    };
  }
  return {
    found:
      found.size === 0 ? 'none yet: the first load creates them' : 'as this release needs them',
  };
}
