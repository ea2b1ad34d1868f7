/** The warehouse as a person beside the jobs sees it. */
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
  RedshiftDataClient,
  type StatementData,
} from '@aws-sdk/client-redshift-data';
import type { Ds } from '@user-behaviour/shared/ds';
import type { Variables } from '../inject/fault-proxy.ts';

type Row = readonly string[];

interface WarehouseDayState {
  /** Its rows of the metric. */
  readonly slice: readonly string[];
  readonly ledger: readonly Row[];
  readonly partitions: readonly Row[];
}

const live = ['SUBMITTED', 'PICKED', 'STARTED'] as const;

export class WarehouseClient implements Disposable {
  readonly #client: RedshiftDataClient;
  readonly #where: { readonly WorkgroupName: string; readonly Database: string };

  constructor(env: Variables) {
    this.#where = {
      WorkgroupName: env['REDSHIFT_WORKGROUP'] ?? '',
      Database: env['REDSHIFT_DATABASE'] ?? '',
    };
    this.#client = new RedshiftDataClient({
      endpoint: env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '',
      region: env['AWS_REGION'] ?? '',
      credentials: {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
  }

  /** The rows of one statement, every value as text. @throws when it fails. */
  async query(Sql: string): Promise<Row[]> {
    const { Id } = await this.#client.send(
      new ExecuteStatementCommand({ ...this.#where, Sql, WaitTimeSeconds: 10 }),
    );
    for (;;) {
      const end = await this.#client.send(
        new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }),
      );
      if (live.some((state) => state === end.Status)) continue;
      if (end.Status !== 'FINISHED') throw new Error(`${Sql}: ${end.Error ?? String(end.Status)}`);
      return end.HasResultSet === true ? this.#rows(Id ?? '') : [];
    }
  }

  async #rows(Id: string): Promise<Row[]> {
    const rows: Row[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new GetStatementResultCommand({ Id, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
      for (const record of page.Records ?? []) {
        rows.push(
          record.map((field) => String(field.stringValue ?? field.longValue ?? field.booleanValue)),
        );
      }
      NextToken = page.NextToken === '' ? undefined : page.NextToken;
    } while (NextToken !== undefined);
    return rows;
  }

  /** The slices of a range of days: day to its rows, as text. */
  async slices(from: Ds, to: Ds): Promise<Map<string, string>> {
    const rows = await this.query(
      `select insert_date, customerid, amount_spent, review_score, review_count
       from public.user_behavior_metric where insert_date between '${from}' and '${to}'
       order by 1, 2`,
    );
    const slices = Map.groupBy(rows, ([ds = '']) => ds);
    return new Map(
      [...slices].map(([ds, of]) => [ds, JSON.stringify(of.map((row) => row.slice(1)))]),
    );
  }

  /** What a day has become: its rows, its ledger without names and times, where its partitions point. */
  async state(ds: Ds): Promise<WarehouseDayState> {
    const [slices, ledger, partitions] = await Promise.all([
      this.slices(ds, ds),
      this.query(
        `select purchases_run, purchases_generation, reviews_run, reviews_generation, min_quantity,
                purchase_rows, review_rows, metric_rows, amount_spent, review_score, review_count
         from public.user_behavior_metric_load where ds = '${ds}'`,
      ),
      this.query(
        `select tablename, location from svv_external_partitions
         where schemaname = 'spectrum' and location like '%/${ds}/%' order by 1`,
      ),
    ]);
    const plain = (row: Row) => row.map((text) => text.replaceAll(ds, '{ds}'));
    const slice = JSON.parse(slices.get(ds) ?? '[]') as readonly Row[];
    return {
      slice: slice.map((row) => JSON.stringify(row)),
      ledger: ledger.map(plain),
      partitions: partitions.map(plain),
    };
  }

  /** Where the external tables' partitions point. */
  async partitions(): Promise<string[]> {
    const rows = await this.query(
      `select location from svv_external_partitions where schemaname = 'spectrum'`,
    );
    return rows.map(([location = '']) => location);
  }

  /** Statements that are under way, of whatever name. */
  async live(): Promise<StatementData[]> {
    const pages = live.map((Status) => this.#client.send(new ListStatementsCommand({ Status })));
    return (await Promise.all(pages)).flatMap(({ Statements = [] }) => Statements);
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}
