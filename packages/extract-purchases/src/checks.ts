/** What extract-purchases needs: a source that it may read, in the shape it expects, and its part of the bucket. */
import { asset } from '@user-behaviour/shared/asset';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { readingChecks, uploadCheck, writingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import type { Check, Checkup, Seen } from '@user-behaviour/shared/runner/health-checks';
import pg from 'pg';
import type { ExtractConfiguration } from './config.ts';
import { connectionSettings } from './source/address.ts';
import { sourceFailure } from './source/errors.ts';
import { addressFromSecret } from './source/secret.ts';
import { checkColumns, type Column } from './source/table-schema.ts';

const table = 'retail.user_purchase';

interface Facts {
  readonly version: string;
  readonly number: number;
  readonly replica: boolean;
  readonly tls: boolean | null;
}

interface Rights {
  readonly role: string;
  readonly superuser: boolean;
  readonly writes: boolean;
}

interface IndexFacts {
  readonly indexed: boolean;
  readonly rows: number;
}

/** Rows; a smaller table is read whole in no time. */
const large = 100_000;

export function checkup(configuration: ExtractConfiguration): Checkup {
  const s3 = createS3Client(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  const source = new SourceChecks(configuration);
  return {
    checks: [
      ...source.checks(),
      ...readingChecks(s3, bucket, 'user_purchase/stage'),
      ...writingChecks(s3, bucket, 'user_purchase/stage'),
      uploadCheck(s3, bucket, 'user_purchase/stage'),
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

  checks(): Check[] {
    return [
      { name: 'source: connection', look: () => this.#lookAtServer() },
      { name: 'source: columns', look: () => this.#lookAtColumns() },
      { name: 'source: read', look: () => this.#read() },
      { name: 'source: index on invoice_date', look: () => this.#lookAtIndex() },
      { name: 'source: rights', look: () => this.#lookAtRights() },
    ];
  }

  async #lookAtServer(): Promise<Seen> {
    const [facts] = await this.#query<Facts>(
      'connect to the source',
      `select current_setting('server_version') as version,
         current_setting('server_version_num')::int as number, pg_is_in_recovery() as replica,
         (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as tls`,
    );
    const { version = '', number = 0, replica = false, tls = false } = facts ?? {};
    const kind = replica ? 'replica' : 'primary';
    const found = `PostgreSQL ${version}, ${kind}, ${tls === true ? 'TLS verified' : 'no TLS, loopback'}`;
    if (number >= 140_000) return { found };
    return {
      found,
      advice: 'use PostgreSQL 14 or newer: an older one goes on with the query of a killed job',
    };
  }

  async #lookAtColumns(): Promise<Seen> {
    const columns = await this.#query<Column>(
      'look at the columns',
      asset('sql/source/extract/columns.sql'),
    );
    checkColumns(columns);
    return { found: `${String(columns.length)} columns, as expected` };
  }

  async #read(): Promise<Seen> {
    const rows = await this.#query('read the table', `select 1 from ${table} limit 1`);
    return rows.length > 0
      ? { found: 'rows can be read' }
      : { found: 'the table is empty', advice: 'load purchases, or correct SOURCE_DATABASE_URL' };
  }

  async #lookAtIndex(): Promise<Seen> {
    const [facts] = await this.#query<IndexFacts>(
      'look for an index',
      `select exists (
           select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
           where i.indrelid = c.oid and i.indisvalid and a.attname = 'invoice_date') as indexed,
         c.reltuples::float8 as rows
       from pg_class c where c.oid = to_regclass('${table}')`,
    );
    if (facts?.indexed === true) return { found: 'there is one' };
    const found = `none, at about ${String(Math.max(0, facts?.rows ?? 0))} rows`;
    if ((facts?.rows ?? 0) < large) return { found };
    return {
      found,
      advice: `create index concurrently user_purchase_invoice_date on ${table} (invoice_date)`,
    };
  }

  async #lookAtRights(): Promise<Seen> {
    const [facts] = await this.#query<Rights>(
      'look at the rights',
      `select current_user as role, rolsuper as superuser,
         has_table_privilege('${table}', 'insert') or has_table_privilege('${table}', 'update')
           or has_table_privilege('${table}', 'delete') as writes
       from pg_roles where rolname = current_user`,
    );
    const { role = '', superuser = false, writes = false } = facts ?? {};
    if (!superuser && !writes) return { found: `${role} may only read` };
    return {
      found: `${role} ${superuser ? 'is a superuser' : 'may write'}`,
      advice: `give the job a role of its own: create role extract login; grant usage on schema retail to extract; grant select on ${table} to extract`,
    };
  }

  async #query<Row extends object>(doing: string, sql: string): Promise<Row[]> {
    try {
      const client = await (this.#client ??= this.#connect());
      return (await client.query<Row>(sql)).rows;
    } catch (error) {
      throw sourceFailure(doing, error);
    }
  }

  /** Kept, failed or not: that the source cannot be reached is told at once by all checks. */
  async #connect(): Promise<pg.Client> {
    const configuration = this.#configuration;
    const address =
      configuration.SOURCE_DATABASE_URL ??
      (await addressFromSecret(
        configuration.SOURCE_DATABASE_SECRET_ARN ?? '',
        configuration.AWS_REGION,
      ));
    const client = new pg.Client({
      ...connectionSettings(address, configuration.SOURCE_DATABASE_CA_FILE),
      application_name: 'extract-purchases check',
      connectionTimeoutMillis: 15_000,
      query_timeout: 30_000,
      options: '-c default_transaction_read_only=on',
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
