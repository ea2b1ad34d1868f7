/** Rewrites one column of CREATE TABLE: removes Redshift's own syntax and makes its own behaviour explicit. */
import { isSymbol, isWord, quoteName, tokenize, type Token } from './sql-tokens.ts';
import { refuseColumnType } from '../dialect/column-types.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { closingBracket } from './token-groups.ts';

export interface ColumnDefinition {
  readonly tokens: readonly Token[];
  /** The sequence of an IDENTITY column. */
  readonly identity?: { readonly start: number; readonly step: number };
}

/** Keywords that end a column's type. */
const attributes = [
  'default',
  'identity',
  'generated',
  'encode',
  'distkey',
  'sortkey',
  'not',
  'null',
  'unique',
  'primary',
  'references',
  'collate',
  'check',
];

/** The names of PostgreSQL's system columns (c_unsupported-postgresql-features). */
const systemColumns = ['oid', 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

/**
 * Drops keys, which Redshift does not enforce (but a primary key implies NOT NULL), and checks the length of
 * text in bytes (r_Character_types). `sequence` returns the name of the sequence of an IDENTITY column. @throws WarehouseError for a
 * type or a constraint that Redshift does not have.
 */
export function rewriteColumn(
  tokens: readonly Token[],
  sequence: (column: string) => string,
  table: string,
): ColumnDefinition {
  const column = (tokens[0]?.text ?? '').toLowerCase();
  const end = tokens.findIndex((token, index) => index > 1 && isWord(token, ...attributes));
  const typeEnd = end === -1 ? tokens.length : end;
  if (systemColumns.includes(column)) {
    throw new WarehouseError(`column name "${column}" conflicts with a system column name`);
  }
  if (tokens.slice(typeEnd).some((token) => isWord(token, 'check'))) {
    throw new WarehouseError('CHECK constraints are not supported');
  }
  refuseColumnType(`${table}.${column}`, tokens.slice(1, typeEnd));
  const type = rewriteType(column, tokens.slice(1, typeEnd));
  const kept: Token[] = [];
  let identity: ColumnDefinition['identity'];
  for (let index = typeEnd; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined || isWord(token, 'distkey', 'sortkey', 'unique')) continue;
    if (isWord(token, 'encode', 'collate')) index += 1;
    else if (isWord(token, 'primary')) {
      index += 1;
      kept.push(...tokenize(' not null'));
    } else if (isWord(token, 'references')) index = endOfReference(tokens, index);
    else if (isWord(token, 'identity', 'generated')) {
      const open = tokens.findIndex((next, at) => at > index && isSymbol(next, '('));
      identity = { start: Number(tokens[open + 1]?.text), step: Number(tokens[open + 3]?.text) };
      kept.push(...tokenize(` default nextval('${sequence(column)}')`));
      index = closingBracket(tokens, open);
    } else kept.push(token);
  }
  const all = [...tokens.slice(0, 1), ...type.name, ...kept, ...type.check];
  return { tokens: all, ...(identity !== undefined && { identity }) };
}

function endOfReference(tokens: readonly Token[], at: number): number {
  let end = at + 1;
  while (isSymbol(tokens[end + 1], '.')) end += 2;
  return isSymbol(tokens[end + 1], '(') ? closingBracket(tokens, end + 1) : end;
}

function rewriteType(
  column: string,
  tokens: readonly Token[],
): { name: readonly Token[]; check: readonly Token[] } {
  const text = tokens.map((token) => token.text.toLowerCase()).join(' ');
  const sized = /^(character varying|char|character|varchar|nchar|nvarchar|bpchar|text)\b/.exec(
    text,
  );
  if (sized !== null) {
    const standard = /^n?char\b|^character(?! varying)/.test(text) ? '1' : '256';
    const length = /\( (\w+) \)/.exec(text)?.[1] ?? standard;
    return {
      name: tokenize(' varchar'),
      check: tokenize(
        ` check (strlen(${quoteName(column)}) <= ${length === 'max' ? '65535' : length})`,
      ),
    };
  }
  const decimal = /^(?:decimal|dec|numeric)(?: \( (\d+)(?: , (\d+))? \))?$/.exec(text);
  if (decimal !== null) {
    // Redshift's default is decimal(18, 0) (r_Numeric_types201).
    const [, precision = '18', scale = '0'] = decimal;
    return { name: tokenize(` decimal(${precision}, ${scale})`), check: [] };
  }
  if (text === 'float') return { name: tokenize(' double precision'), check: [] };
  return { name: text === 'super' ? tokenize(' json') : tokens, check: [] };
}
