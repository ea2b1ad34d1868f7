/** Removes words with digits from a server's text, unless their place or their form shows that they are no values; pure. */

const after = (words: string): RegExp => new RegExp(`\\b(?:${words})\\s*[:=#]?\\s*[-[(]*$`, 'i');

/** After these words, a number of this form counts or names what is not of a row. */
const labelled: readonly (readonly [label: RegExp, number: RegExp])[] = [
  [
    after(
      'code|exit ?code|exited with|status|line|column|pos|position|character|location|port|precision|scale|node|slice|level|block|signal|attempts?|failed',
    ),
    /^-?\d{1,5}$/,
  ],
  [/#\s*$/, /^\d{1,5}$/],
  [after('query|query_id|pid|process|transactions?|database|relation|oid'), /^\d+$/],
  [after('SQLSTATE'), /^[\dA-Z]{5}$/],
  [after('version|within|stage|task'), /^\d{1,5}(?:\.\d{1,5})*(?:m?s|min|h)?$/],
];

/** Redshift's number of an error, e.g. 1023, a conflict; it stands where no other number does. */
const errorNumber = /\bERROR:\s+10\d\d$/i;

/** Types and encodings; files, addresses and roles; identifiers of EMR and YARN; classes of Java and Python. */
const forms: readonly RegExp[] = [
  /^(?:u?int|float|decimal)\d{1,3}$/i,
  /^(?:utf-?8|latin1|s3|glue|ipv[46]|x509|base64|oauth2)$/i,
  /^(?:s3a?|https?|hdfs|arn):/i,
  /^(?:application|appattempt|container|attempt|job)_[\de_]+$/,
  /^(?:[ijs]-[\dA-Z]{4,}|ip-[\d-]+(?:\.[\w.-]+)?)$/i,
  /^[a-z]\w*(?:\.\w+)+(?:Exception|Error)$/,
  // How Redshift names a process and a place in its source: `query0_1_2`, `aws_s3.cpp:12`.
  /^(?:query|padb)\d+(?:_\d+)*$/,
  /^\w+\.(?:cpp|hpp|c|h|java|scala|py):\d+$/,
];

/** How many characters before a word are searched for its label. */
const furthest = 40;

export function withoutDigits(text: string, statement: string): string {
  return text.replace(/[^\s,;=()[\]{}<>|"']+/g, (found, at: number) => {
    if (!/\d/.test(found)) return found;
    const before = text.slice(Math.max(0, at - furthest), at);
    const end = /[.:!?…]*$/.exec(found)?.[0] ?? '';
    const word = found.slice(0, found.length - end.length);
    const isKept =
      labelled.some(([label, number]) => label.test(before) && number.test(word)) ||
      errorNumber.test(before + word) ||
      forms.some((form) => form.test(word)) ||
      isIn(statement, word);
    return isKept ? found : `…${end}`;
  });
}

/** Whether the word is a whole word of the statement. */
const isIn = (statement: string, word: string): boolean =>
  statement.split(/[^\w.:-]+/).includes(word);
