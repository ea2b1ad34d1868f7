/** Labels the queries of a load, so that `make queries` and a DBA find them in the query history; pure. */
import { type Statement, statement } from '../data-api/sql.ts';

/** Characters that Redshift keeps of a label. */
export const longestLabel = 320;

/**
 * The statements between those that set and reset the label, which is the name of the submission. A run that is tried
 * again sends the same text, and so the same client token.
 */
export const labelled = (name: string, statements: readonly Statement[]): readonly Statement[] => [
  statement('load', '000_set_label', { name }),
  ...statements,
  statement('load', '099_reset_label'),
];
