/**
 * Adapts the statements that redshift-load sends to PostgreSQL, where every isolation level is real.
 * Redshift's default, snapshot isolation, is PostgreSQL's REPEATABLE READ.
 */

/** A request of the Data API. */
export interface Batch {
  readonly Sqls: readonly string[];
  readonly Parameters: readonly { readonly name: string; readonly value: string }[];
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Removes what only Redshift has: how a table is distributed over the nodes. */
const withoutLayout = (sql: string): string =>
  sql.replaceAll(/\b(diststyle \w+|distkey ?\([^)]*\)|sortkey ?\([^)]*\))/gi, '');

/** The same function under the name that PostgreSQL has for it. */
const withItsNames = (sql: string): string => sql.replaceAll(/\blistagg\(/gi, 'string_agg(');

/** PostgreSQL knows no query groups; they only label queries. */
const isLabel = (sql: string): boolean => /^(re)?set query_group\b/i.test(sql);

/** The statements with their parameters inserted. */
export function statementsOf({ Sqls, Parameters }: Batch): string[] {
  const values = new Map(Parameters.map(({ name, value }) => [name, value]));
  return Sqls.filter((sql) => !isLabel(sql)).map((sql) =>
    withItsNames(withoutLayout(sql)).replaceAll(/(?<![:\w]):(\w+)/g, (whole, name: string) => {
      const value = values.get(name);
      return value === undefined ? whole : literal(value);
    }),
  );
}

/** The DDL of a table, for PostgreSQL. */
export const tableOf = (ddl: string): string => withoutLayout(ddl);

/** A function that Redshift has, and ordinary tables instead of the external ones. */
export const redshiftStandIns = `
  create function getdate() returns timestamp language sql as 'select localtimestamp';
  create schema spectrum;
  create table spectrum.user_purchase_staging (
    invoice_number varchar, stock_code varchar, detail varchar, quantity varchar,
    invoice_date varchar, unit_price varchar, customer_id varchar, country varchar,
    insert_date date, "$path" varchar);
  create table spectrum.user_purchase_staging_parquet (
    invoice_number varchar, stock_code varchar, detail varchar, quantity integer,
    invoice_date timestamp, unit_price decimal(18, 5), customer_id integer, country varchar,
    insert_date date, "$path" varchar);
  create table spectrum.movie_review_clean_stage (
    cid varchar, positive_review boolean, insert_date date, "$path" varchar);`;
