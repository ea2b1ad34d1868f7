/**
 * The kind of a statement's error, by its text: the Data API gives no code. Only what a rerun cannot change
 * is `data`. "Guide" is the Redshift developer guide; classes are those of PostgreSQL, from which Redshift
 * stems and whose texts it keeps.
 */
import type { FailureKindName } from '@user-behaviour/shared/failure';
import { codesOfServer } from '@user-behaviour/shared/redaction/without-values';

interface Rule {
  readonly text: RegExp;
  readonly kind: Extract<FailureKindName, 'transient' | 'configuration' | 'data'>;
  readonly action: string;
}

const again = 'run the day again; if it persists, look at the state of the warehouse';
const smallerFiles =
  'run the day again; if it persists, extract the day with a smaller OUTPUT_FILE_SIZE (1GiB or less)';
const lookAtStatement =
  'the slice was not changed; look at the statement in sql/warehouse and run the day again';

export const roleRights =
  "let Redshift take SPECTRUM_ROLE_ARN (associate it), and give that role docs/contract.md's rights on Glue and S3";
const userRights = "grant the job's database user what docs/contract.md lists";
const ownership =
  "make the job's database user the owner of schema spectrum, as docs/contract.md shows under Rights; run a migration as the owner of the tables";

const permission =
  'permission denied|not authorized|access ?denied|forbidden|error code: ?403|must be (?:a )?superuser';

/**
 * 1023 and related errors (guide, "Serializable isolation"), a deadlock, and 1018 just after DDL in another
 * session. The numbers count only as error codes: a message also names queries and processes by number.
 */
const conflict =
  /\berror:?\s+10(18|23)\b|serializable isolation violation|concurrent transaction|deadlock detected|could not serialize/i;

/** The first rule that matches decides. */
const rules: readonly Rule[] = [
  { text: conflict, kind: 'transient', action: again },

  // Guide, "Query troubleshooting in Amazon Redshift Spectrum". "Invalid range": a file was replaced meanwhile.
  { text: /retries exceeded|resource limit exceeded/i, kind: 'transient', action: smallerFiles },
  {
    text: /throttl|slow ?down|request rate|too many requests|invalid ?range|range .*not satisfiable/i,
    kind: 'transient',
    action: again,
  },

  // Guide, "ALTER TABLE external table": the owner of the external schema.
  { text: /must be (?:the )?owner/i, kind: 'configuration', action: ownership },
  // Guide, "Not authorized error".
  {
    text: new RegExp(`(?:spectrum|s3|glue|assume.{0,6}role).*(?:${permission})`, 'is'),
    kind: 'configuration',
    action: roleRights,
  },
  {
    text: new RegExp(`(?:${permission}).*(?:spectrum scan|s3|glue|assume.{0,6}role)`, 'is'),
    kind: 'configuration',
    action: roleRights,
  },
  { text: new RegExp(permission, 'i'), kind: 'configuration', action: userRights },
  {
    text: /password authentication failed|\bdatabase\s+does not exist/i,
    kind: 'configuration',
    action: 'correct REDSHIFT_DATABASE, and the credentials in REDSHIFT_SECRET_ARN',
  },

  // Class 08: the connection was lost.
  {
    text: /connection\b.*\b(?:lost|closed|reset|refused|failed|terminated|broken|failure|gone)|(?:terminating|lost|broken|closed|no) (?:the )?connection|could not (?:connect|receive|send)|socket|\beof\b|timed? ?out/i,
    kind: 'transient',
    action: again,
  },
  // Class 57: the warehouse restarts, is resized or paused. A resize makes it read-only (management guide).
  {
    text: /restart|reboot|shutting down|shut ?down|starting up|recovery mode|crash|resiz|read-only|maintenance|fail(?:ed |-)?over|unavailable|not (?:in )?(?:an? )?available|paused|node fail/i,
    kind: 'transient',
    action: again,
  },
  // Guide, "WLM query monitoring rules" and "CANCEL": the system, a rule or an operator ended the query.
  {
    text: /cancel+ed|\babort|killed|\bwlm\b|evicted/i,
    kind: 'transient',
    action: 'find out what cancelled the statement, then run the day again',
  },
  // Class 53: disk, memory and limits are shared with other queries. 1016 is Redshift's "Disk Full".
  {
    text: /disk ?full|no space left|(?:not (?:have )?enough|insufficient|out of) (?:free |available )?(?:disk|space|memory|resource|storage)|memory (?:limit|allocation)|too many (?:clients|connections|sessions|statements)|(?:limit|quota|capacity) exceeded|exceeded .*(?:limit|quota|capacity)/i,
    kind: 'transient',
    action: 'find out what fills or occupies the warehouse, then run the day again',
  },

  // Renamed or dropped meanwhile, by its number; a session or credentials that ended; trouble of S3 itself.
  {
    text: /(?:oid|relation|table) \d+ (?:does not exist|not found)|\b(?:session|portal|cursor|transaction|prepared statement)\s+(?:does not exist|not found)|(?:has|have|is) expired|expired ?token|\b(?:invalid|security) token|invalid ?access ?key|access key id .*does not exist|no ?such ?key|specified key does not exist|error code: ?5\d\d\b|status(?: code)?:? ?5\d\d\b/i,
    kind: 'transient',
    action: again,
  },

  // Classes 0A, 21, 22, 23, 42, and files that do not have the table's format (guide, "Incompatible data formats").
  {
    text: /does not exist|not found|already exists|syntax error|invalid|convert|conversion|\bcast\b|out of range|overflow|too long|longer than|too large|division by zero|violates|\bnull values?\b|no[tn][- ]?null|not be null|duplicate|incompatible|mismatch|of type|data type|not supported|unsupported|not implemented|ambiguous|must appear|more than one row|does not have|malformed|unterminated|digit/i,
    kind: 'data',
    action: lookAtStatement,
  },
];

/**
 * Also every other "S3 Query Exception" (15001, 15005) and internal error. An unknown text is retried, and
 * every caller's tries end; 65 would stop the day for good.
 */
const unknown: Rule = {
  text: /^/,
  kind: 'transient',
  action: 'run the day again; if it persists, look at the statement in sql/warehouse',
};

/** Names and values in quotes, the values of a key or a row, and the context of a value decide nothing. */
const valuesIn = new RegExp(
  `'[^']*'|"[^"]*"|(?:=|\\bcontains)\\s*\\(.*\\)|\\bcode:\\s*(?!${codesOfServer}\\b)\\d+\\s+context:.*`,
  'gis',
);

/** Judges the text of Redshift itself: what is shown of it lacks more than values. Its first 4,000 characters decide. */
export function ruleOf(error: string): Rule {
  const said = error.slice(0, 4_000).replace(valuesIn, '');
  return rules.find(({ text }) => text.test(said)) ?? unknown;
}

export const isConflict = (error: string): boolean => ruleOf(error).text === conflict;
