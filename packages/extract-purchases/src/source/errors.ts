/** What a PostgreSQL or socket error means; codes from PostgreSQL's appendix A, "Error Codes". */
import { Failure, type FailureKindName } from '@user-behaviour/shared/failure';

interface PostgresError {
  readonly code?: string;
  readonly message?: string;
}

const rules: readonly (readonly [RegExp, FailureKindName, string])[] = [
  [/^28/, 'configuration', 'check user and password in SOURCE_DATABASE_URL'],
  [/^3D000$/, 'configuration', 'check the database in SOURCE_DATABASE_URL'],
  [/^(42501|25006)$/, 'configuration', 'grant the user select on retail.user_purchase'],
  [
    /^(CERT_|DEPTH_|UNABLE_|SELF_SIGNED|ERR_TLS|ERR_SSL)/,
    'configuration',
    'name the right authority in SOURCE_DATABASE_CA_FILE',
  ],
  [/^ENOTFOUND$/, 'configuration', 'check the host in SOURCE_DATABASE_URL'],
  [
    /^(42P01|42703|42883|22|42804)/,
    'data',
    'compare the table with sql/source/001_user_purchase.sql',
  ],
  [/^57014$/, 'transient', 'raise SOURCE_STATEMENT_TIMEOUT, or look what keeps the source busy'],
  [/^(08|40|53|55|57|58|XX)/, 'transient', 'look at the source database, then run the day again'],
  [/^E[A-Z]/, 'transient', 'check that the source database is up and can be reached'],
];

const uncoded: readonly (readonly [RegExp, FailureKindName])[] = [
  [/does not support SSL|^SASL|^SCRAM/, 'configuration'],
  [/terminated|timeout|not queryable|ended/i, 'transient'],
];

export function sourceFailure(doing: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code = '', message = '' } = (error ?? {}) as PostgresError;
  const text = message === '' ? code : message;
  const rule = rules.find(([pattern]) => pattern.test(code));
  if (rule !== undefined) {
    return new Failure(rule[1], `could not ${doing}: ${text}`, { cause: error, action: rule[2] });
  }
  // node-postgres gives these no code.
  const [, kind] = uncoded.find(([pattern]) => pattern.test(message)) ?? [
    undefined,
    'bug' as const,
  ];
  return new Failure(kind, `could not ${doing}: ${text}`, { cause: error });
}

/** Makes the call; what it throws becomes a failure that names what was being done. */
export async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw sourceFailure(doing, error);
  }
}
