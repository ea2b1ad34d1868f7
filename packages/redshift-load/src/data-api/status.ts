/** Interprets the description of a statement and its error; pure. Nothing unknown counts as success. */
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

/** The object was created by another run after our query. */
export const alreadyExists = (error: string): boolean => /already exists/i.test(error);
