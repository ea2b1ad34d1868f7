/** Rewrites what the translator would change before it sees it: calls of our own macros, and the names of date parts. */
import { isSymbol, isWord, tokenize, type Token } from '../sql/sql-tokens.ts';
import { closingBracket, splitAtCommas } from '../sql/token-groups.ts';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Functions with a macro `rs_…` (own-functions.ts). */
export const owned: ReadonlySet<string> = new Set(
  words(`
    sha2 sha func_sha1 crc32 strtol initcap regexp_count regexp_instr regexp_substr regexp_replace quote_literal
    quote_ident bpcharcmp dexp dlog1 dlog10 log to_char to_number to_date to_timestamp add_months next_day date_cmp
    timeofday json_parse can_json_parse json_serialize json_typeof is_valid_json is_valid_json_array json_array_length
    json_extract_array_element_text json_extract_path_text version pg_backend_pid
    pg_get_userbyid set_config
  `),
);

/** Values that are written without brackets. */
const values: Readonly<Record<string, string>> = {
  current_date: 'rs_current_date()',
  current_timestamp: 'rs_current_timestamp()',
  current_user: 'rs_current_user()',
  session_user: 'rs_current_user()',
  user: 'rs_current_user()',
  current_user_id: 'rs_current_user_id()',
  current_schema: 'current_schema()',
};

/** The parts of dates and their abbreviations (r_Dateparts_for_datetime_functions). */
const parts: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ['millennium', 'millennia mil mils'],
      ['century', 'centuries c cent cents'],
      ['decade', 'decades dec decs'],
      ['year', 'years y yr yrs'],
      ['quarter', 'quarters qtr qtrs'],
      ['month', 'months mon mons'],
      ['week', 'weeks w'],
      ['dow', 'dayofweek dw weekday'],
      ['doy', 'dayofyear dy yearday'],
      ['day', 'days d'],
      ['hour', 'hours h hr hrs'],
      ['minute', 'minutes m min mins'],
      ['second', 'seconds s sec secs'],
      ['millisecond', 'milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon'],
      ['microsecond', 'microseconds us usec usecs usecond useconds microsec microsecs microsecon'],
      ['epoch', ''],
    ] as const
  ).flatMap(([part, others]) => [part, ...words(others)].map((name) => [name, part])),
);

const withPart = [
  'dateadd',
  'date_add',
  'datediff',
  'date_diff',
  'date_part',
  'date_trunc',
  'extract',
];

/** The tokens with our own names. Strings of other kinds stay as they are. */
export function useOwnNames(tokens: readonly Token[]): readonly Token[] {
  const result: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) continue;
    const qualified = isSymbol(tokens[index - 1], '.');
    const name = token.kind === 'word' && !qualified ? token.text.toLowerCase() : '';
    const called = isSymbol(tokens[index + 1], '(');
    const value = values[name];
    if (called && owned.has(name)) result.push({ ...token, text: `rs_${name}` });
    else if (called && (name === 'convert' || name === 'try_cast')) {
      const close = closingBracket(tokens, index + 1);
      const inside = useOwnNames(tokens.slice(index + 2, close));
      result.push(...(name === 'convert' ? converted(inside) : tried(inside)));
      index = close;
    } else if (called && withPart.includes(name)) {
      result.push(token);
      const part = tokens[index + 2];
      const canonical =
        part?.parameter === undefined && part !== undefined
          ? parts[part.text.toLowerCase()]
          : undefined;
      const open = tokens[index + 1];
      if (open !== undefined && part !== undefined && canonical !== undefined) {
        result.push(open, { ...part, text: canonical });
        index += 2;
      }
    } else if (value !== undefined && !called && isValue(tokens, index)) {
      const [first, ...rest] = tokenize(value);
      if (first !== undefined) result.push({ ...first, gap: token.gap }, ...rest);
    } else result.push(token);
  }
  return result;
}

/** Not an alias, and not a user in a command. */
function isValue(tokens: readonly Token[], index: number): boolean {
  return (
    index > 0 && !isWord(tokens[index - 1], 'as', 'create', 'alter', 'drop', 'show', 'to', 'for')
  );
}

/** `convert(type, value)` as a cast (r_CONVERT_function). */
function converted(inside: readonly Token[]): Token[] {
  const [type = [], ...value] = splitAtCommas(inside);
  return [
    ...tokenize(' cast('),
    ...value.flat(),
    ...tokenize(' as '),
    ...type.map((token, index) => (index === 0 ? { ...token, gap: true } : token)),
    ...tokenize(')'),
  ];
}

/** The translator drops TRY; translate.ts restores it from the marker. */
function tried(inside: readonly Token[]): Token[] {
  const as = inside.findLastIndex((token) => isWord(token, 'as'));
  return [
    ...tokenize(' cast(rs_try('),
    ...inside.slice(0, as),
    ...tokenize(')'),
    ...inside.slice(as),
    ...tokenize(')'),
  ];
}
