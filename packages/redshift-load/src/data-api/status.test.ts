import { describe, expect, it } from 'vitest';
import { alreadyExists, statementState, withoutValues } from './status.ts';

describe('the state of a statement', () => {
  it.each(['SUBMITTED', 'PICKED', 'STARTED'])('%s is running', (Status) => {
    expect(statementState({ Status })).toEqual({ is: 'running' });
  });

  it('FINISHED is finished and ABORTED is aborted', () => {
    expect(statementState({ Status: 'FINISHED' })).toEqual({ is: 'finished' });
    expect(statementState({ Status: 'ABORTED' })).toEqual({ is: 'aborted' });
  });

  it.each([undefined, 'ALL', 'DONE', 'finished', ''])(
    '%s is a failure, never success',
    (Status) => {
      expect(statementState({ Status })).toMatchObject({ is: 'failed' });
    },
  );

  it('FAILED names the statement of the batch and its own error', () => {
    expect(
      statementState({
        Status: 'FAILED',
        Error: 'Query #2 failed with ERROR: x',
        SubStatements: [
          { Status: 'FINISHED' },
          { Status: 'FAILED', Error: 'ERROR: x' },
          { Status: 'ABORTED' },
        ],
      }),
    ).toEqual({ is: 'failed', error: 'ERROR: x', index: 1 });
  });

  it('FAILED without sub-statements has the overall error, or says that no reason was given', () => {
    expect(statementState({ Status: 'FAILED', Error: 'ERROR: x' })).toEqual({
      is: 'failed',
      error: 'ERROR: x',
      index: undefined,
    });
    expect(statementState({ Status: 'FAILED', SubStatements: [{ Status: 'ABORTED' }] })).toEqual({
      is: 'failed',
      error: 'no reason given',
      index: undefined,
    });
  });
});

describe('an error', () => {
  it('may say that an object already exists', () => {
    expect(alreadyExists('ERROR: Relation "x" already exists')).toBe(true);
    expect(alreadyExists('ERROR: Relation "x" does not exist')).toBe(false);
  });

  it.each([
    [
      "ERROR: Invalid digit, Value 's', Pos 0, Type: Integer\n  Detail:\n  error: Invalid digit\n  code:      1207\n  context:   secret 1\n  query:     123",
      /code: {6}1207\n {2}context: {3}…\n {2}query: {5}123/,
    ],
    ['ERROR: Overflow, code: 1058 context: secret 99 query: 5', /context: … query: 5/],
    ['ERROR: invalid input syntax for integer: "secret"', /invalid input syntax for integer: '…'/],
    ["Conversion Error: Could not convert string 'secret' to INT32", /string '…' to INT32/],
    ['ERROR: date/time field value out of range: "secret"', /out of range: '…'/],
  ])('keeps no row value: %j', (error, kept) => {
    expect(withoutValues(error)).not.toMatch(/secret|'s'/);
    expect(withoutValues(error)).toMatch(kept);
  });

  it.each([
    'ERROR: column "minimum" of relation "user_behavior_metric" does not exist',
    'ERROR: Spectrum Scan Error code: 15001 context: HTTP response error code: 416 Message: InvalidRange',
  ])('keeps what an operator needs: %s', (error) => {
    expect(withoutValues(error)).toBe(error);
  });
});
