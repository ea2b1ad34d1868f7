/** Creates one object of the warehouse. */
import type { Log } from '@user-behaviour/shared/runner/log';
import type { DataApi } from '../data-api/client.ts';
import { StatementError } from '../data-api/request.ts';
import type { Statement } from '../data-api/sql.ts';
import { alreadyExists } from '../data-api/status.ts';

/** False if another run was first. `prefix` begins the name of the statement. */
export async function create(
  ddl: Statement,
  {
    api,
    prefix,
    log,
  }: { readonly api: DataApi; readonly prefix: string; readonly log: Log | undefined },
): Promise<boolean> {
  try {
    await api.run({ name: `${prefix}/${ddl.name}`, statements: [ddl] }, log);
    return true;
  } catch (error) {
    if (error instanceof StatementError && alreadyExists(error.message)) return false;
    throw error;
  }
}
