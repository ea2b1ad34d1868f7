/**
 * Removes from a text of PostgreSQL, Redshift or Spark whatever may be the value of a row; pure. These servers put
 * values in quotes, in parentheses or after a label, or a value has digits. Everything else is a word of the
 * server and stays, as do names of objects, which follow their kind: `column "quantity"`.
 */
import { withoutDigits } from './digits.ts';

/** What replaces a value. */
const gone = '…';

/** The most characters of a text that are looked at; the search for values takes quadratic time. */
const longest = 4_000;

const kinds =
  'relation|table|view|index|column|constraint|schema|database|catalog|function|procedure|operator|type|domain|role|user|host|server|extension|language|encoding|collation|parameter|policy|trigger|partition|sequence|tablespace|snapshot|statement|cursor|file|thread|publication|group|library|workgroup|cluster';

const typeModifier =
  '\\b(?:varying|varchar|char|character|numeric|decimal|bit|time|timestamp) ?\\(\\d{1,5}(?:, ?\\d{1,2})?\\)';

/** Before a value, or a row of values, in parentheses or brackets. */
const beforeValue =
  '(?:[:=]|\\b(?:contains|[Rr]ows?|[Rr]ecords?|[Tt]uples?|[Vv]alues?|VALUES))\\s*';

/** A parenthesis that is none of a value, unless it stands where one does. */
const parenthesis = (inside: string): RegExp => new RegExp(`(?<!${beforeValue})\\(${inside}`, 'y');

/** What begins like a value and is none. */
const harmless: readonly RegExp[] = [
  new RegExp(`\\b(?:${kinds})s? (?:"[\\w$.:/-]+"|'[\\w$.:/-]+')`, 'iy'),
  // The columns of a key, whose values follow: `Key (ds, customerid)=(…)`.
  parenthesis('[\\w, ]+\\)(?=\\s*=\\s*\\()'),
  /\bfunction [\w.]+\((?:[a-z][a-z ,]*)?\)/iy,
  new RegExp(typeModifier, 'iy'),
  /\bQuery \(\d+\)/y,
  /\boverflow \((?:result precision|addition|subtraction|multiplication|division)\)/iy,
  // A place in a program, a call or a reply of AWS, a setting of a pooler.
  parenthesis('[\\w.-]+\\.(?:py|java|scala)(?::|, line )\\d+\\)'),
  parenthesis('(?:Fetch|max_client_conn)\\)'),
  parenthesis('(?:s3|sts|glue|kms|iam|lakeformation|redshift[a-z-]*):[A-Z][A-Za-z]+\\)'),
  parenthesis('Service: (?:Amazon |AWS)?\\w+[;,] Status Code: \\d{3}[\\w .,;:-]*\\)'),
  // The class of an error of Spark.
  /(?<=\w(?:Exception|Error): )\[[A-Z]+(?:_[A-Z]+)+(?:\.[A-Z_]+)?\]/y,
];

/** By the opening character, what may close it; languages of a server have marks of their own. */
const quotes: Readonly<Record<string, string>> = {
  '(': ')',
  '[': ']',
  '"': '"',
  "'": "'",
  '`': "`'",
  '«': '»',
  '»': '«',
  '„': '“”"',
  '“': '”“',
  '‘': '’‘',
};

/** Redshift shows the one character that it could not convert. */
const wrongCharacter = /Value '[^]{1,4}?'(?=, Pos \d)/y;

/** A label before a value that may have no quotes. */
const label =
  /\b(?:values?|strings?|texts?|input|tokens?|keys?|rows?|records?|lines?(?: \d+)?|literal|sequence|context)\s*[:=]\s*/iy;

/** Redshift's codes of errors that are about a server: assertions, memory, disk, conflicts, S3 and Spectrum. */
export const codesOfServer = '(?:1000|1004|1016|1018|1023|15\\d{3})';

const codeOfServer = new RegExp(`\\bcode:\\s*${codesOfServer}\\s+$`, 'i');

/**
 * Returns the text with `…` for each value. Parts of `statement`, the SQL that the text is about, stay. What
 * lies between two values goes with them, because a value may itself contain quotes or parentheses. A text of
 * more than 4,000 characters is cut, which `…` at its end shows.
 */
export function withoutValues(whole: string, statement = ''): string {
  const text = whole.length > longest ? `${whole.slice(0, longest - 1)}${gone}` : whole;
  let kept = '';
  let start = 0;
  const keep = (end: number, instead: string, next: number) => {
    kept += withoutDigits(text.slice(start, end), statement) + instead;
    start = next;
  };
  for (let at = 0; at < text.length; at = Math.max(at + 1, start)) {
    const name = match(harmless, text, at) ?? quotedStatement(text, at, statement);
    const value = name === undefined ? valueAt(text, at) : undefined;
    if (name !== undefined) keep(at, name, at + name.length);
    if (value !== undefined) keep(at, value.instead, value.end);
  }
  keep(text.length, '', text.length);
  return kept;
}

function match(patterns: readonly RegExp[], text: string, at: number): string | undefined {
  for (const pattern of patterns) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A syntax error quotes the statement: `at or near "selec"`. */
function quotedStatement(text: string, at: number, statement: string): string | undefined {
  const found = match([/\bat or near "[^"]+"/y], text, at);
  return statement.includes(found?.slice('at or near "'.length, -1) ?? '"') ? found : undefined;
}

interface Value {
  readonly instead: string;
  readonly end: number;
}

/** Where the next row of values in brackets begins. */
const bracketFrom = (text: string, at: number): number | undefined => {
  const bracket = new RegExp(`(?<=${beforeValue})\\[`, 'g');
  bracket.lastIndex = at;
  return bracket.exec(text)?.index;
};

/** The value that begins here, if one does. */
function valueAt(text: string, at: number): Value | undefined {
  const character = match([wrongCharacter], text, at);
  if (character !== undefined) return { instead: `Value '${gone}'`, end: at + character.length };
  const named = match([label], text, at);
  if (named !== undefined && !codeOfServer.test(text.slice(0, at))) {
    return { instead: named + gone, end: fieldAfter(text, at + named.length) };
  }
  const opening = text[at] ?? '';
  const closing = quotes[opening];
  if (closing === undefined || isApostrophe(text, at)) return undefined;
  if (opening === '[' && bracketFrom(text, at) !== at) return undefined;
  return { instead: `${opening}${gone}${closing[0] ?? ''}`, end: endOfQuotes(text, at, closing) };
}

/** The end of the last quotation: only there is it certain that the value has ended, too. */
function endOfQuotes(text: string, at: number, closing: string): number {
  const rest = text.slice(at + 1);
  const without = closing === ')' ? rest : rest.replace(new RegExp(typeModifier, 'gi'), masked);
  const last = (marks: string) =>
    Math.max(
      ...Array.from(marks, (mark) => {
        let index = without.lastIndexOf(mark);
        while (index > 0 && isApostrophe(without, index)) {
          index = without.lastIndexOf(mark, index - 1);
        }
        return index;
      }),
    );
  // A text that was cut off has no end of the value, or a later end than it shows.
  if (text.length === longest || last(closing) === -1) return text.length;
  const marks = Object.values(quotes).join('');
  // A bracket such as `[pid=99]` ends no value.
  const ends = bracketFrom(text, at) === undefined ? marks.replace(']', '') : marks;
  return at + 1 + last(ends) + 1;
}

const masked = (found: string): string => '_'.repeat(found.length);

/** As in `user's`. */
const isApostrophe = (text: string, at: number): boolean =>
  /['’]/.test(text[at] ?? '') && /^\p{L}.\p{L}/u.test(text.slice(at - 1, at + 2));

/** What follows the context in a report of Redshift; the end of the text, so that no value can pretend to be it. */
const afterContext =
  /\s+query:\s*\d+(?:\s+location:\s*\S+)?(?:\s+process:\s*\S+(?:\s+\[pid=\d+\])?)?[\s-]*$/i;

const fieldAfter = (text: string, from: number): number =>
  from + (afterContext.exec(text.slice(from))?.index ?? text.length - from);
