/** Checks for --check: the source can be read and has the expected columns, and the bucket can be written. */
import { asset } from '@user-behaviour/shared/asset';
import { stageOf } from '@user-behaviour/shared/pipeline';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { readingChecks, uploadCheck, writingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import type {
  CheckResult,
  HealthCheck,
  HealthChecks,
} from '@user-behaviour/shared/runner/health-checks';
import pg from 'pg';
import type { ExtractConfiguration } from './config.ts';
import { describeReplay, parseReplay } from './replica/replay.ts';
import { connectionSettings } from '@user-behaviour/source/connection-settings';
import { sourceFailure } from '@user-behaviour/source/errors';
import { beginTransaction, checkBegun } from '@user-behaviour/source/session';
import { checkColumns, type Column } from '@user-behaviour/source/table-schema';
import { describeIndex, tableParts } from './table/table-parts.ts';

const { writes: dataset } = stageOf('extract-purchases');
/** Milliseconds. */
const queryTimeout = 30_000;
/**
 * More than that of a job, which its scheduler tries again, and less than that of a check: an Aurora cluster that has
 * paused needs 15 s to resume, and 30 s or more after a day ("Scaling to zero ACUs", Aurora User Guide).
 */
const connectTimeout = 50_000;
/** First version that ends the query of a client that is gone (client_connection_check_interval). */
const recommendedVersion = 140_000;

/** A row of sql/source/extract/check_server.sql. */
interface Server {
  readonly version: string;
  readonly number: number;
  readonly tls: boolean | null;
}

/** A row of sql/source/extract/check_privileges.sql. */
interface Privileges {
  readonly role: string;
  readonly superuser: boolean;
  readonly writes: boolean;
}

export function healthChecks(configuration: ExtractConfiguration): HealthChecks {
  const s3 = createS3Client(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  const source = new SourceChecks(configuration);
  return {
    checks: [
      ...source.checks(),
      ...readingChecks(s3, bucket, dataset),
      ...writingChecks(s3, bucket, dataset),
      uploadCheck(s3, bucket, dataset),
    ],
    async [Symbol.asyncDispose]() {
      s3.destroy();
      await source.end();
    },
  };
}

class SourceChecks {
  readonly #configuration: ExtractConfiguration;
  #client: Promise<pg.Client> | undefined;

  constructor(configuration: ExtractConfiguration) {
    this.#configuration = configuration;
  }

  checks(): HealthCheck[] {
    return [
      { name: 'source: connection', run: () => this.#checkServer() },
      { name: 'source: columns', run: () => this.#checkColumns() },
      { name: 'source: read', run: () => this.#checkRead() },
      { name: 'source: index on invoice_date', run: () => this.#checkIndex() },
      { name: 'source: privileges', run: () => this.#checkPrivileges() },
    ];
  }

  async #checkServer(): Promise<CheckResult> {
    const [server] = await this.#query<Server>(
      'connect to the source',
      asset('sql/source/extract/check_server.sql'),
    );
    const [replay] = await this.#query(
      'ask the source how far it has replayed',
      asset('sql/source/extract/replay.sql'),
    );
    const { version = '', number = 0, tls = false } = server ?? {};
    const { role, advice } = describeReplay(parseReplay(replay));
    const found = `PostgreSQL ${version}, ${role}, ${tls === true ? 'TLS verified' : 'no TLS, loopback'}`;
    if (advice !== undefined) return { found, advice };
    if (number >= recommendedVersion) return { found };
    return {
      found,
      advice: 'use PostgreSQL 14 or newer: older versions continue the query of a killed job',
    };
  }

  async #checkColumns(): Promise<CheckResult> {
    const columns = await this.#query<Column>(
      'read the columns',
      asset('sql/source/extract/columns.sql'),
    );
    checkColumns(columns);
    return { found: `${String(columns.length)} columns, as expected` };
  }

  async #checkRead(): Promise<CheckResult> {
    const rows = await this.#query('read the table', asset('sql/source/extract/check_read.sql'));
    return rows.length > 0
      ? { found: 'rows can be read' }
      : { found: 'the table is empty', advice: 'load purchases, or correct SOURCE_DATABASE_URL' };
  }

  async #checkIndex(): Promise<CheckResult> {
    const parts = await this.#query(
      'look for an index',
      asset('sql/source/extract/table_parts.sql'),
    );
    return describeIndex(tableParts.parse(parts));
  }

  async #checkPrivileges(): Promise<CheckResult> {
    const [privileges] = await this.#query<Privileges>(
      'read the privileges',
      asset('sql/source/extract/check_privileges.sql'),
    );
    const { role = '', superuser = false, writes = false } = privileges ?? {};
    if (!superuser && !writes) return { found: `${role} has read access only` };
    return {
      found: superuser ? `${role} is a superuser` : `${role} has write access`,
      advice:
        'create a role for the job: create role extract login; grant usage on schema retail to extract; grant select on retail.user_purchase to extract',
    };
  }

  async #query<Row extends object>(doing: string, sql: string): Promise<Row[]> {
    try {
      const client = await (this.#client ??= this.#connect());
      const begin = beginTransaction(queryTimeout);
      const results: unknown = await client.query(`${begin};\n${sql};\ncommit`);
      const { rest } = checkBegun(results as pg.QueryResult<Record<string, unknown>>[]);
      return (rest[0]?.rows ?? []) as Row[];
    } catch (error) {
      // Otherwise the next check would be in a transaction that has failed.
      await (await this.#client?.catch(() => undefined))?.query('rollback').catch(() => undefined);
      throw sourceFailure(doing, error);
    }
  }

  /** Called once: all checks share the connection, or its failure. */
  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...(await connectionSettings(this.#configuration)),
      application_name: 'extract-purchases check',
      connectionTimeoutMillis: connectTimeout,
      query_timeout: queryTimeout,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async end(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }
}
