/**
 * Classifies errors of PostgreSQL and of the socket. The kind decides whether a scheduler retries
 * (`failureKinds` in shared/failure.ts). Codes: PostgreSQL manual, appendix "PostgreSQL Error Codes".
 */
import { Failure, type FailureKindName, failureKinds } from '@user-behaviour/shared/failure';
import { withoutRowValues } from '@user-behaviour/shared/redaction/postgres-error';

interface PostgresError {
  readonly code?: string;
  readonly message?: string;
  /** The function in PostgreSQL's source that reported the error; unlike the message, never translated. */
  readonly routine?: string;
  /** Only errors of a server have one. */
  readonly severity?: string;
}

/** Row-level security has the SQLSTATE of a missing privilege, but a grant does not help. */
const rowSecurityAction =
  'exempt the user from row-level security (alter role … bypassrls), or use a role that sees all rows';

interface Rule {
  readonly code: RegExp;
  /** Narrows the rule to errors with this text. */
  readonly text?: RegExp;
  /** Narrows the rule to errors of Node. */
  readonly isOfNode?: true;
  readonly kind: FailureKindName;
  readonly action: string;
}

const checkSource = 'check the source database, then run the day again';
const comparable = 'compare the table with sql/source/001_user_purchase.sql';
const resolvable =
  'check the host in SOURCE_DATABASE_URL; if it is right, the name service (DNS) is in trouble: run the day again';

/** The first rule that matches decides. */
const rules: readonly Rule[] = [
  {
    code: /^28/,
    kind: 'configuration',
    action: 'check the user and password in SOURCE_DATABASE_URL',
  },
  {
    code: /^(3D000|57P04)$/,
    kind: 'configuration',
    action: 'check the database name in SOURCE_DATABASE_URL',
  },
  // The texts differ between versions; PostgreSQL translates them only if lc_messages says so.
  {
    code: /^42501$/,
    text: /replication|wal ?sender/i,
    kind: 'configuration',
    action:
      'give the role the attribute replication: sql/source/capture/020_role.sql (Amazon RDS: grant rds_replication)',
  },
  // Of the primary, which only a replica's server knows.
  {
    code: /^55000$/,
    text: /wal_level/,
    kind: 'configuration',
    action:
      'set wal_level=logical at the primary of the source and restart it (Amazon RDS: rds.logical_replication=1)',
  },
  // A server before PostgreSQL 18 reports a publication that was made after the slot, too.
  {
    code: /^42704$/,
    text: /publication/,
    kind: 'data',
    action:
      'run sql/source/capture/010_identity_and_publication.sql if the publication is missing, then capture-purchases --reset, then extract the days again',
  },
  {
    code: /^(55000|42704)$/,
    text: /replication slot/,
    kind: 'data',
    action: 'run capture-purchases --reset, then extract the days again',
  },
  {
    code: /^55006$/,
    text: /replication slot/,
    kind: 'transient',
    action: 'another process reads the slot: wait for it, then run capture-purchases again',
  },
  {
    code: /^53400$/,
    text: /replication slots/,
    kind: 'configuration',
    action: 'raise max_replication_slots at the source, or drop a slot that nobody reads',
  },
  {
    code: /^(42501|25006)$/,
    kind: 'configuration',
    action: 'grant the user select on retail.user_purchase',
  },
  {
    code: /^(CERT_|DEPTH_|UNABLE_|SELF_SIGNED|ERR_TLS|ERR_SSL)/,
    kind: 'configuration',
    action: "set SOURCE_DATABASE_CA_FILE to the server's certificate authority",
  },
  { code: /^(ENOTFOUND|EAI_AGAIN)$/, kind: 'transient', action: resolvable },
  // A pooler reports its own trouble as a protocol violation; one of the protocol itself never passes.
  {
    code: /^08P01$/,
    text: /^(?!unsupported).*(?:time ?out|no more connections|too many|cannot connect|could not connect|server (?:login|conn)|shut|closed|lost|reset)/i,
    kind: 'transient',
    action: 'check the connection pooler in front of the source, then run the day again',
  },
  {
    code: /^08P01$/,
    kind: 'configuration',
    action:
      'let SOURCE_DATABASE_URL name PostgreSQL itself, or let the connection pooler in front of it pool transactions or sessions',
  },
  // Values, constraints, missing or changed objects, a function that raises; corrupted pages (XX001, XX002).
  {
    code: /^(42P01|42703|42883|42804|2[1237]|3F|38|39|44|P0|XX00[12])/,
    kind: 'data',
    action: comparable,
  },
  {
    code: /^57014$/,
    kind: 'transient',
    action: 'raise SOURCE_STATEMENT_TIMEOUT, or find out what keeps the source busy',
  },
  // On a connection that only reads, this is a conflict with the recovery of a replica.
  {
    code: /^40001$/,
    kind: 'transient',
    action:
      'run the day again; if it happens often, set hot_standby_feedback = on at the replica, or raise its max_standby_streaming_delay above the time that a day takes',
  },
  // An idle transaction that the server ended.
  { code: /^25P0[34]$/, kind: 'transient', action: checkSource },
  /**
   * Classes of a statement that is itself wrong or unsupported: no rerun changes it. `^E` is Node's: EIO,
   * ECONNRESET and so on. Every other class, known (08, 40, 53, 55, 57, 58, 72, F0, HV, XX) or not, is
   * about the state of the server, so a rerun may help; the scheduler's tries end.
   */
  {
    code: /^(0[39ABFLPZ]|20|2[4568BDF]|3[4B]|42|54)[0-9A-Z]{3}$/,
    kind: 'bug',
    action: failureKinds.bug.action,
  },
  {
    code: /^E[A-Z]/,
    isOfNode: true,
    kind: 'transient',
    action: 'check that the source database is up and reachable',
  },
  { code: /^[0-9A-Z]{5}$/, kind: 'transient', action: checkSource },
];

/** Messages of node-postgres, whose errors have no code. */
const messageRules: readonly (readonly [RegExp, FailureKindName])[] = [
  [/does not support SSL|^SASL|^SCRAM/, 'configuration'],
  [/terminated|timeout|not queryable|ended/i, 'transient'],
];

/**
 * Returns the error as a Failure without values of rows, which is a bug if no rule matches. `doing` completes
 * "could not …", and `statement` is the SQL that failed, where parts of it may be shown.
 */
export function sourceFailure(doing: string, error: unknown, statement?: string): Failure {
  if (error instanceof Failure) return error;
  const { code = '', message = '', routine, severity } = (error ?? {}) as PostgresError;
  const cause = withoutRowValues(error, statement);
  const { message: said = '' } = (cause ?? {}) as PostgresError;
  const text = `could not ${doing}: ${said === '' ? code : said}`;
  const rule = rules.find(
    (one) =>
      one.code.test(code) &&
      (one.text?.test(message) ?? true) &&
      !(one.isOfNode === true && severity !== undefined),
  );
  if (rule !== undefined) {
    const action = routine === 'check_enable_rls' ? rowSecurityAction : rule.action;
    return new Failure(rule.kind, text, { cause, action });
  }
  const kind = messageRules.find(([pattern]) => pattern.test(message))?.[1] ?? 'bug';
  return new Failure(kind, text, { cause });
}

/** Whether a row was found that the load cannot take: the query divides by zero for it. */
export const isRowFailure = (error: unknown): boolean =>
  error instanceof Failure && (error.cause as PostgresError | undefined)?.code === '22012';

/**
 * Returns the call's result.
 * @throws its error as a `sourceFailure`.
 */
export async function attempt<T>(
  doing: string,
  call: () => Promise<T>,
  statement?: string,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw sourceFailure(doing, error, statement);
  }
}
