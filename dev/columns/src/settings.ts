/** What the measurement takes from the environment. */
import { Failure } from '@user-behaviour/shared/failure';

export interface Settings {
  /** Of a PostgreSQL on this machine. */
  readonly databaseUrl: string;
  /** Purchases to make. */
  readonly rows: number;
}

const largest = 10_000_000;

/** @throws a failure for a missing or remote database, or a number of rows that is none. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const databaseUrl = environment['SOURCE_DATABASE_URL'] ?? '';
  if (!URL.canParse(databaseUrl) || !isHere(new URL(databaseUrl).hostname)) {
    throw new Failure('configuration', 'SOURCE_DATABASE_URL names no PostgreSQL on this machine', {
      action: 'start the local cloud (make up); the measurement keeps a server busy for seconds',
    });
  }
  const typed = environment['ROWS'] ?? '';
  const rows = typed === '' ? 1_000_000 : Number(typed);
  if (!Number.isInteger(rows) || rows < 1_000 || rows > largest) {
    throw new Failure(
      'usage',
      `ROWS is ${typed}: expected a whole number from 1000 to ${String(largest)}`,
    );
  }
  return { databaseUrl, rows };
}

const isHere = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
