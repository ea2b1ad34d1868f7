/**
 * The very statements that redshift-load sends, heard on their way to Redshift, as PostgreSQL runs
 * them: there every isolation level is real, and Redshift's default, snapshot isolation, is
 * REPEATABLE READ.
 */

/** A request of the Data API. */
export interface Batch {
  readonly Sqls: readonly string[];
  readonly Parameters: readonly { readonly name: string; readonly value: string }[];
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Without what only Redshift has: how a table lies on the nodes. */
const withoutLayout = (sql: string): string =>
  sql.replaceAll(/\b(diststyle \w+|distkey ?\([^)]*\)|sortkey ?\([^)]*\))/gi, '');

/** Each statement with its values in place. */
export function statementsOf({ Sqls, Parameters }: Batch): string[] {
  const values = new Map(Parameters.map(({ name, value }) => [name, value]));
  return Sqls.map((sql) =>
    withoutLayout(sql).replaceAll(/(?<![:\w]):(\w+)/g, (whole, name: string) => {
      const value = values.get(name);
      return value === undefined ? whole : literal(value);
    }),
  );
}

/** A table of the warehouse from the job's own DDL. */
export const tableOf = (ddl: string): string => withoutLayout(ddl);

/** What Redshift brings along, and ordinary tables in the place of the external ones. */
export const surroundings = `
  create function getdate() returns timestamp language sql as 'select localtimestamp';
  create schema spectrum;
  create table spectrum.user_purchase_staging (
    invoice_number varchar, stock_code varchar, detail varchar, quantity varchar,
    invoice_date varchar, unit_price varchar, customer_id varchar, country varchar,
    insert_date date, "$path" varchar);
  create table spectrum.movie_review_clean_stage (
    cid varchar, positive_review boolean, insert_date date, "$path" varchar);`;
