import { describe, expect, it } from 'vitest';
import { asFailure, Failure, type FailureKindName, failureKinds, mostSevere } from './failure.ts';

describe('failure kinds', () => {
  it('keep the exit codes that schedulers rely on', () => {
    const codes = Object.entries(failureKinds).map(([kind, { exit, retry }]) => [
      kind,
      exit,
      retry,
    ]);
    expect(codes).toEqual([
      ['bug', 70, false],
      ['configuration', 78, false],
      ['usage', 64, false],
      ['data', 65, false],
      ['interrupted', 143, true],
      ['not-ready', 75, true],
      ['transient', 75, true],
    ]);
  });

  it('say what a person does, unless the failure knows better', () => {
    expect(new Failure('usage', 'x').action).toBe(failureKinds.usage.action);
    expect(new Failure('usage', 'x', { action: 'do y' }).action).toBe('do y');
  });

  it('keep their cause', () => {
    const cause = new Error('below');
    expect(new Failure('transient', 'x', { cause }).cause).toBe(cause);
    expect('cause' in new Failure('transient', 'x')).toBe(false);
  });
});

describe('an unknown error', () => {
  it.each([
    [new TypeError('no such method'), 'unexpected error: no such method'],
    ['a text', 'unexpected error: a text'],
    [undefined, 'unexpected error: undefined'],
  ])('%o is a bug, never retried in silence', (error, message) => {
    const failure = asFailure(error);
    expect([failure.kind, failure.exit, failure.message]).toEqual(['bug', 70, message]);
  });

  it('leaves a failure as it is', () => {
    const failure = new Failure('data', 'x');
    expect(asFailure(failure)).toBe(failure);
  });
});

describe('the most severe failure', () => {
  const of = (...kinds: FailureKindName[]) =>
    mostSevere(kinds.map((kind) => new Failure(kind, kind)))?.kind;

  it('is the one that retrying helps least', () => {
    expect(of('transient', 'data', 'not-ready')).toBe('data');
    expect(of('interrupted', 'transient')).toBe('interrupted');
    expect(of('data', 'configuration', 'bug', 'usage')).toBe('bug');
    expect(of()).toBeUndefined();
  });
});
