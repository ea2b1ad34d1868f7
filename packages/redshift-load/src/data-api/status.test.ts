import { describe, expect, it } from 'vitest';
import { alreadyExists, statementState } from './status.ts';

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
});
