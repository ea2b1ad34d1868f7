import { describe, expect, it } from 'vitest';
import {
  asFailure,
  Failure,
  type FailureKindName,
  failureKinds,
  kindOfExit,
  mostSevere,
  mostSevereExit,
  retriedExits,
  retriesSoon,
} from './failure.ts';

describe('failure kinds', () => {
  it('keep the exit codes that schedulers rely on', () => {
    const codes = Object.entries(failureKinds).map(([kind, { exit, retry }]) => [
      kind,
      exit,
      retry,
    ]);
    expect(codes).toEqual([
      ['bug', 70, 'never'],
      ['configuration', 78, 'never'],
      ['usage', 64, 'never'],
      ['data', 65, 'never'],
      ['interrupted', 143, 'soon'],
      ['not-ready', 75, 'later'],
      ['transient', 75, 'soon'],
    ]);
  });

  it('say after which exit codes a scheduler retries, and what passes after a pause', () => {
    expect(retriedExits).toEqual([143, 75]);
    const kinds = Object.keys(failureKinds) as FailureKindName[];
    expect(kinds.filter(retriesSoon)).toEqual(['interrupted', 'transient']);
  });

  it('are known by their exit code; an unknown one is a bug', () => {
    expect([64, 65, 70, 75, 78, 143, 1].map(kindOfExit)).toEqual([
      'usage',
      'data',
      'bug',
      'not-ready',
      'configuration',
      'interrupted',
      'bug',
    ]);
  });

  it('say what an operator does, unless the failure knows better', () => {
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

  it('decides the exit code of several', () => {
    expect(mostSevereExit([75, 0, 65, 143])).toBe(65);
    expect(mostSevereExit([143, 75])).toBe(143);
    expect(mostSevereExit([64, 78, 1])).toBe(1);
    expect(mostSevereExit([0, 0])).toBe(0);
    expect(mostSevereExit([])).toBe(0);
  });
});
