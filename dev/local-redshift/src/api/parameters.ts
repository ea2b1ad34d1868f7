/** Named parameters of the Redshift Data API. `:name` is replaced by a value, never by an identifier. */
import { ServiceError } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import type { Token } from '../sql/sql-tokens.ts';

export interface SqlParameter {
  readonly name: string;
  readonly value: string;
}

/**
 * Rejects, like the service, before anything runs: a duplicate parameter, and one that no statement uses
 * (API reference, BatchExecuteStatement: each must be used at least once).
 */
export function checkParameters(
  parameters: readonly SqlParameter[],
  statements: readonly (readonly Token[])[],
): void {
  const used = new Set(
    statements.flatMap((tokens) =>
      tokens.filter((token) => token.kind === 'parameter').map((token) => token.text),
    ),
  );
  const names = parameters.map((parameter) => parameter.name);
  const unused = names.filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw new ServiceError(
      'ValidationException',
      `Parameters list contains unused parameters. Unused parameters: [${unused.join(', ')}]`,
    );
  }
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  if (repeated.length > 0) {
    throw new ServiceError(
      'ValidationException',
      `Parameters list contains duplicate parameters: [${repeated.join(', ')}]`,
    );
  }
}

/** Replaces parameters with string literals, which the warehouse casts according to context. Keeps unknown names. */
export function bindParameters(
  tokens: readonly Token[],
  parameters: readonly SqlParameter[],
): Token[] {
  const values = new Map(parameters.map(({ name, value }) => [name, value]));
  return tokens.map((token) => {
    const value = token.kind === 'parameter' ? values.get(token.text) : undefined;
    return value === undefined
      ? token
      : { kind: 'string', text: value, gap: token.gap, parameter: token.text };
  });
}
