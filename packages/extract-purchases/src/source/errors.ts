/**
 * Classifies errors of PostgreSQL and of the socket. The kind decides whether a scheduler retries
 * (`failureKinds` in shared/failure.ts). Codes: PostgreSQL manual, appendix "PostgreSQL Error Codes".
 */
import { Failure, type FailureKindName } from '@user-behaviour/shared/failure';

interface PostgresError {
  readonly code?: string;
  readonly message?: string;
  /** The function in PostgreSQL's source that reported the error; unlike the message, never translated. */
  readonly routine?: string;
}

/** Row-level security has the SQLSTATE of a missing privilege, but a grant does not help. */
const rowSecurityAction =
  'exempt the user from row-level security (alter role … bypassrls), or use a role that sees all rows';

/** The first rule whose pattern matches the code decides the kind and the action. */
const rules: readonly (readonly [RegExp, FailureKindName, string])[] = [
  [/^28/, 'configuration', 'check the user and password in SOURCE_DATABASE_URL'],
  [/^3D000$/, 'configuration', 'check the database name in SOURCE_DATABASE_URL'],
  [/^(42501|25006)$/, 'configuration', 'grant the user select on retail.user_purchase'],
  [
    /^(CERT_|DEPTH_|UNABLE_|SELF_SIGNED|ERR_TLS|ERR_SSL)/,
    'configuration',
    "set SOURCE_DATABASE_CA_FILE to the server's certificate authority",
  ],
  [/^ENOTFOUND$/, 'configuration', 'check the host in SOURCE_DATABASE_URL'],
  [
    /^(42P01|42703|42883|22|42804)/,
    'data',
    'compare the table with sql/source/001_user_purchase.sql',
  ],
  [
    /^57014$/,
    'transient',
    'raise SOURCE_STATEMENT_TIMEOUT, or find out what keeps the source busy',
  ],
  [/^(08|40|53|55|57|58|XX)/, 'transient', 'check the source database, then run the day again'],
  [/^E[A-Z]/, 'transient', 'check that the source database is up and reachable'],
];

/** Messages of node-postgres, whose errors have no code. */
const messageRules: readonly (readonly [RegExp, FailureKindName])[] = [
  [/does not support SSL|^SASL|^SCRAM/, 'configuration'],
  [/terminated|timeout|not queryable|ended/i, 'transient'],
];

/** Returns the error as a Failure, which is a bug if no rule matches. `doing` completes "could not …". */
export function sourceFailure(doing: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code = '', message = '', routine } = (error ?? {}) as PostgresError;
  const text = `could not ${doing}: ${message === '' ? code : message}`;
  const rule = rules.find(([pattern]) => pattern.test(code));
  if (rule !== undefined) {
    const action = routine === 'check_enable_rls' ? rowSecurityAction : rule[2];
    return new Failure(rule[1], text, { cause: error, action });
  }
  const kind = messageRules.find(([pattern]) => pattern.test(message))?.[1] ?? 'bug';
  return new Failure(kind, text, { cause: error });
}

/**
 * Returns the call's result.
 * @throws its error as a `sourceFailure`.
 */
export async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw sourceFailure(doing, error);
  }
}
