/** Interprets the description of a statement and its error; pure. Nothing unknown counts as success. */
import type { FailureKindName } from '@user-behaviour/shared/failure';

export interface StatementDescription {
  readonly Id?: string | undefined;
  readonly Status?: string | undefined;
  readonly Error?: string | undefined;
  readonly SubStatements?:
    | readonly { readonly Status?: string | undefined; readonly Error?: string | undefined }[]
    | undefined;
}

export type StatementState =
  | { readonly is: 'running' }
  | { readonly is: 'finished' }
  | {
      readonly is: 'failed';
      readonly error: string;
      /** Of the failed statement within a batch, from 0. */
      readonly index: number | undefined;
    }
  | { readonly is: 'aborted' };

export function statementState(description: StatementDescription): StatementState {
  switch (description.Status) {
    case 'SUBMITTED':
    case 'PICKED':
    case 'STARTED':
      return { is: 'running' };
    case 'FINISHED':
      return { is: 'finished' };
    case 'ABORTED':
      return { is: 'aborted' };
    case 'FAILED': {
      const subStatements = description.SubStatements ?? [];
      const index = subStatements.findIndex(({ Status }) => Status === 'FAILED');
      const error = subStatements[index]?.Error ?? description.Error ?? 'no reason given';
      return { is: 'failed', error, index: index === -1 ? undefined : index };
    }
    case undefined:
    default:
      return {
        is: 'failed',
        error: `unknown statement status ${String(description.Status)}`,
        index: undefined,
      };
  }
}

/**
 * Errors that a retry of the whole transaction resolves: 1023 and related ones (Redshift developer
 * guide, "Serializable isolation"), and 1018 just after DDL in another session. The numbers count only as
 * error codes: a message also names queries and processes by number.
 */
function isConflict(error: string): boolean {
  return /\berror:?\s+10(18|23)\b|serializable isolation violation|concurrent transaction/i.test(
    error,
  );
}

/** What a statement that did not finish means: `failure.ts` says which kinds are retried. */
export function failureKindOf(
  state: Exclude<StatementState, { readonly is: 'finished' }>,
): FailureKindName {
  if (state.is !== 'failed' || isConflict(state.error)) return 'transient';
  return isPermissionError(state.error) ? 'configuration' : 'data';
}

/** The object was created by another run after our query. */
export const alreadyExists = (error: string): boolean => /already exists/i.test(error);

const isPermissionError = (error: string): boolean =>
  /permission denied|not authorized|access denied/i.test(error);

export const roleRights =
  "let Redshift take SPECTRUM_ROLE_ARN (associate it), and give that role docs/contract.md's rights on Glue and S3";

/** What to grant, and to whom: external tables are read with the role, everything else by the database user. */
export const permissionAction = (error: string): string =>
  /spectrum scan|s3|glue|assume.?role/i.test(error)
    ? roleRights
    : "grant the job's database user what docs/contract.md lists";

/**
 * A failed cast quotes the value that it failed on, and repeats it in its context. No row value may leave
 * the warehouse in an error.
 */
export function withoutValues(error: string): string {
  if (!/invalid|convert|out of range|overflow|too long/i.test(error)) return error;
  return error
    .replace(/'[^']*'|"[^"]*"/g, "'…'")
    .replace(/(context:[ \t]*)\S.*?(?=\s+query:|\n|$)/gis, '$1…');
}
