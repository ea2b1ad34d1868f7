import { describe, expect, it } from 'vitest';
import { errorFields, SessionError } from './sqlstate.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

describe('errorFields', () => {
  it.each([
    ['permission denied: "pg_class" is a system catalog', '42501'],
    ['syntax error at or near "x"', '42601'],
    ['unterminated quoted string', '42601'],
    ['cannot insert multiple commands into a prepared statement', '42601'],
    ['relation "s.t" does not exist', '42P01'],
    ['column "a" does not exist', '42703'],
    ['function f() does not exist', '42883'],
    ['schema "s" does not exist', '3F000'],
    ['database "d" does not exist', '3D000'],
    ['there is no parameter $1', '42P02'],
    ['column reference "a" is ambiguous', '42702'],
    ['column "a" must appear in the GROUP BY clause or be used in an aggregate function', '42803'],
    ['schema "s" already exists', '42P06'],
    ['Relation "t" already exists', '42P07'],
    ['Cannot insert a NULL value into column a', '23502'],
    ['date/time field value out of range: "2020-02-30"', '22008'],
    ['invalid input syntax for type date: "x"', '22007'],
    ['VACUUM cannot run inside a transaction block', '25001'],
    ['Query cancelled on user request', '57014'],
    ['COPY is not supported by this local warehouse', '0A000'],
    ['1023', 'XX000'],
    ['Divide by zero', 'XX000'],
  ])('of %s is %s', (message, sqlstate) => {
    expect(errorFields(new WarehouseError(message, 'more'))).toEqual({
      severity: 'ERROR',
      sqlstate,
      message,
      detail: 'more',
      isBug: false,
    });
  });

  it('has the state of a session’s own error, and tells a bug from both', () => {
    expect(errorFields(new SessionError('26000', 'gone'))).toMatchObject({
      sqlstate: '26000',
      message: 'gone',
      isBug: false,
    });
    expect(errorFields(new TypeError('x is not a function'))).toMatchObject({
      sqlstate: 'XX000',
      isBug: true,
    });
  });
});
