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
  it('have the exit codes that schedulers rely on', () => {
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
      ['report-lost', 74, 'never'],
    ]);
  });

  it('define the exit codes that a scheduler retries and the kinds that a pause may cure', () => {
    expect(retriedExits).toEqual([143, 75]);
    const kinds = Object.keys(failureKinds) as FailureKindName[];
    expect(kinds.filter(retriesSoon)).toEqual(['interrupted', 'transient']);
  });

  it('follow from the exit code; an unknown code is a bug', () => {
    expect([64, 65, 70, 74, 75, 78, 143, 1].map(kindOfExit)).toEqual([
      'usage',
      'data',
      'bug',
      'report-lost',
      'not-ready',
      'configuration',
      'interrupted',
      'bug',
    ]);
  });

  it('have advice that a failure can replace', () => {
    expect(new Failure('usage', 'x').action).toBe(failureKinds.usage.action);
    expect(new Failure('usage', 'x', { action: 'do y' }).action).toBe('do y');
  });

  it('keep the cause of a failure', () => {
    const cause = new Error('below');
    expect(new Failure('transient', 'x', { cause }).cause).toBe(cause);
    expect('cause' in new Failure('transient', 'x')).toBe(false);
  });
});

describe('asFailure', () => {
  it.each([
    [new TypeError('no such method'), 'unexpected error: no such method'],
    ['a text', 'unexpected error: a text'],
    [undefined, 'unexpected error: undefined'],
  ])('reports %o as a bug', (error, message) => {
    const failure = asFailure(error);
    expect([failure.kind, failure.exit, failure.message]).toEqual(['bug', 70, message]);
  });

  it('returns a failure unchanged', () => {
    const failure = new Failure('data', 'x');
    expect(asFailure(failure)).toBe(failure);
  });
});

describe('the most severe failure', () => {
  const of = (...kinds: FailureKindName[]) =>
    mostSevere(kinds.map((kind) => new Failure(kind, kind)))?.kind;

  it('is the one whose kind comes first', () => {
    expect(of('transient', 'data', 'not-ready')).toBe('data');
    expect(of('interrupted', 'transient')).toBe('interrupted');
    expect(of('data', 'configuration', 'bug', 'usage')).toBe('bug');
    expect(of()).toBeUndefined();
  });

  it.each([
    { exits: [75, 0, 65, 143], expected: 65 },
    { exits: [143, 75], expected: 143 },
    { exits: [64, 78, 65], expected: 78 },
    { exits: [78, 70], expected: 70 },
    { exits: [1, 64, 0], expected: 64 },
    { exits: [75, 137], expected: 75 },
    { exits: [1, 2, 13], expected: 70 },
    { exits: [0, 1], expected: 70 },
    { exits: [74, 75], expected: 75 },
    { exits: [74, 1], expected: 70 },
    { exits: [74, 0], expected: 74 },
    { exits: [0, 0], expected: 0 },
    { exits: [], expected: 0 },
  ])('decides the exit code in any order: of $exits it is $expected', ({ exits, expected }) => {
    expect(mostSevereExit(exits)).toBe(expected);
    expect(mostSevereExit(exits.toReversed())).toBe(expected);
  });
});
