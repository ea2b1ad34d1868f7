/** The SQLSTATE of an error, which drivers turn into the class of their exception. */
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import type { ErrorFields } from './server-messages.ts';

/** Those of a connection or session (PostgreSQL, appendix A). */
export const states = {
  activeTransaction: '25001',
  cancelled: '57014',
  failedTransaction: '25P02',
  noCursor: '34000',
  noDatabase: '3D000',
  noStatement: '26000',
  protocol: '08P01',
  shutdown: '57P01',
  syntax: '42601',
  unsupported: '0A000',
  wrongPassword: '28000',
} as const;

/** An error of the connection or of the session, and not of a statement. */
export class SessionError extends Error {
  readonly sqlstate: string;

  constructor(sqlstate: string, message: string) {
    super(message);
    this.sqlstate = sqlstate;
  }
}

/** The first that matches. Errors of the compute nodes are internal errors to a client, as in Redshift. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/^permission denied/, '42501'],
  [/^syntax error|^unterminated|insert multiple commands/, '42601'],
  [/^relation .* does not exist/, '42P01'],
  [/^column .* does not exist/, '42703'],
  [/^function .* does not exist/, '42883'],
  [/^schema .* does not exist/, '3F000'],
  [/^database .* does not exist/, states.noDatabase],
  [/^there is no parameter/, '42P02'],
  [/^column reference .* is ambiguous/, '42702'],
  [/must appear in the GROUP BY clause/, '42803'],
  [/^schema .* already exists/i, '42P06'],
  [/already exists/, '42P07'],
  [/^Cannot insert a NULL value/, '23502'],
  [/field value out of range/, '22008'],
  [/^invalid input syntax/, '22007'],
  [/cannot run inside a transaction block/, states.activeTransaction],
  [/^Query cancelled/, states.cancelled],
  [/not supported/, states.unsupported],
];

/** What the client is to know of an error. A bug is an error that nobody has thought of. */
export function errorFields(error: unknown): ErrorFields & { readonly isBug: boolean } {
  const severity = 'ERROR';
  if (error instanceof WarehouseError) {
    const { message, detail } = error;
    const sqlstate = patterns.find(([pattern]) => pattern.test(message))?.[1] ?? 'XX000';
    return { severity, sqlstate, message, detail, isBug: false };
  }
  if (error instanceof SessionError) {
    return { severity, sqlstate: error.sqlstate, message: error.message, isBug: false };
  }
  return { severity, sqlstate: 'XX000', message: String(error), isBug: true };
}
