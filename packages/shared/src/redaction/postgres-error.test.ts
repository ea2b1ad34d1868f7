import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutRowValues } from './postgres-error.ts';

const mark = 'M4rk3d';
const serverError = (code: string, message: string, fields: object = {}): Error =>
  Object.assign(new Error(message), { code, ...fields });

describe('an error of a PostgreSQL server', () => {
  it('has its SQLSTATE, its words and its frames, and no value of a row in any field', () => {
    const value = fc.string().map((text) => `${text}${mark}${text}`);
    fc.assert(
      fc.property(value, (row) => {
        const error = serverError('23505', `invalid input syntax for type integer: "${row}"`, {
          detail: `Key (customerid)=(${row}) already exists.`,
          hint: row,
          where: `COPY t, line 1: "${row}"`,
          internalQuery: row,
        });
        const safe = withoutRowValues(error);
        expect(inspect(safe)).not.toContain(mark);
        expect(safe).toMatchObject({
          code: '23505',
          message:
            'invalid input syntax for type integer: "…"; Key (customerid)=(…) already exists. (SQLSTATE 23505)',
          stack: expect.stringContaining('postgres-error.test.ts') as string,
        });
      }),
    );
  });

  it('that a function raised has no word of the text', () => {
    const safe = withoutRowValues(serverError('P0001', `no such customer: ${mark}`));
    expect(inspect(safe)).not.toContain(mark);
    expect(safe).toMatchObject({ message: expect.stringContaining('SQLSTATE P0001') as string });
  });

  it.each([
    ['ER001', 'exec_stmt_raise'],
    ['22023', 'exec_stmt_raise'],
    ['XX000', 'PLy_elog'],
    ['38000', 'plperl_call_perl_func'],
  ])('that a function raised as %s in %s has no word of the text', (code, routine) => {
    const fields = { severity: 'ERROR', routine, detail: 'Zebra' };
    const safe = withoutRowValues(serverError(code, 'no such customer: Zebra Street', fields));
    expect(inspect(safe)).not.toContain('Zebra');
    expect(safe).toMatchObject({ code, message: expect.stringContaining(code) as string });
  });

  it('is told by its severity, whatever its code', () => {
    const fields = { severity: 'ERROR', routine: 'other' };
    const safe = withoutRowValues(serverError('ER001', 'bad value "Zebra"', fields));
    expect(safe).toMatchObject({ message: 'bad value "…" (SQLSTATE ER001)' });
  });

  it.each([
    Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }),
    new Error('timeout expired'),
    'a text',
  ])('is not any other error: %s', (error) => {
    expect(withoutRowValues(error)).toBe(error);
  });
});
