/** How much memory the measured PostgreSQL has for its tables. */
import { totalmem } from 'node:os';
import { runSql } from '../servers/source-database.ts';

/**
 * A quarter of the machine's, as PostgreSQL's manual advises (shared_buffers in "Resource Consumption").
 * With the 128 MB it has at first, each scan of a large table copies its pages out of the system's
 * cache anew, for every contender alike. How much that is has not been measured.
 */
const megabytes = Math.floor(totalmem() / 2 ** 20 / 4);

/** Takes effect when the server starts again, and stays; false where it is set already. */
export async function giveSourceMemory(server: string): Promise<boolean> {
  const wanted = `${String(megabytes)}MB`;
  const [found] = (await runSql(
    server,
    `select setting::bigint * 8192 / 1048576 as megabytes from pg_settings where name = 'shared_buffers'`,
  )) as { megabytes: string }[];
  if (Number(found?.megabytes) === megabytes) return false;
  await runSql(server, `alter system set shared_buffers = '${wanted}'`);
  return true;
}
