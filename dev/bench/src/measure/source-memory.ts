/** The memory that the measured PostgreSQL has for its tables. */
import { totalmem } from 'node:os';
import { runSql } from '../servers/source-database.ts';

/**
 * A quarter of the machine's memory, as PostgreSQL's manual recommends (shared_buffers in "Resource
 * Consumption"). With the default of 128 MB, every scan of a large table copies its pages from the
 * system's cache again, for every candidate. How much that costs has not been measured.
 */
const megabytes = Math.floor(totalmem() / 2 ** 20 / 4);

/** Takes effect after a restart of the server, permanently. Returns false if it is already set. */
export async function setSharedBuffers(server: string): Promise<boolean> {
  const wanted = `${String(megabytes)}MB`;
  const [found] = (await runSql(
    server,
    `select setting::bigint * 8192 / 1048576 as megabytes from pg_settings where name = 'shared_buffers'`,
  )) as { megabytes: string }[];
  if (Number(found?.megabytes) === megabytes) return false;
  await runSql(server, `alter system set shared_buffers = '${wanted}'`);
  return true;
}
