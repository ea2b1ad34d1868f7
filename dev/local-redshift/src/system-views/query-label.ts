/** The query group of a session, which Redshift shows as the label of the queries that follow (r_query_group); pure. */
const word = String.raw`(?:'((?:[^']|'')*)'|"([^"]*)"|(\w+))`;
const set = new RegExp(
  String.raw`^\s*set\s+(?:session\s+|local\s+)?query_group\s*(?:to|=)\s*${word}\s*;?\s*$`,
  'i',
);
const reset = /^\s*reset\s+(?:query_group|all)\s*;?\s*$/i;

/** The label of queries without a group. */
export const noLabel = 'default';

/** The label of the queries after this statement. */
export function labelAfter(sql: string, before: string): string {
  if (reset.test(sql)) return noLabel;
  const [, quoted, name, bare] = set.exec(sql) ?? [];
  if (bare?.toLowerCase() === 'default') return noLabel;
  return (quoted?.replaceAll("''", "'") ?? name ?? bare ?? before).slice(0, 320);
}
