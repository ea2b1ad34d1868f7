import { describe, expect, it } from 'vitest';
import {
  areOldRejects,
  isDeadLease,
  isDeadUpload,
  isOldRecord,
  isOldScript,
  judgeRun,
  type RunFacts,
  type SweepAges,
} from './sweep-rules.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-24T00:00:00Z');
const ages: SweepAges = { now, older: 24 * hour, keep: 168 * hour };
const ago = (hours: number) => now - hours * hour;

const abandoned: RunFacts = {
  run: 'some-run',
  modified: ago(30),
  named: new Set(['published']),
  pointerMoved: undefined,
  held: false,
};

describe('a run', () => {
  it.each<[string, Partial<RunFacts>, string | undefined]>([
    ['of a day without a manifest is garbage once it is old', {}, 'never published'],
    ['with recent writes stays', { modified: ago(23) }, undefined],
    [
      'that started recently stays, however old its files are',
      { run: '20261123T230000Z-abcdef' },
      undefined,
    ],
    [
      'that started long ago and still writes stays',
      { run: '20261101T000000Z-a', modified: ago(1) },
      undefined,
    ],
    ['that is named stays forever', { run: 'published', modified: ago(9_999) }, undefined],
    ['whose day is held stays', { held: true }, undefined],
    [
      'that wrote after the manifest moved was never published',
      { pointerMoved: ago(40) },
      'never published',
    ],
    [
      'that was complete before the manifest moved is kept for its readers',
      { pointerMoved: ago(29) },
      undefined,
    ],
    [
      '… until the manifest is old enough',
      { modified: ago(500), pointerMoved: ago(169) },
      'superseded',
    ],
    ['… however old it is itself', { modified: ago(5_000), pointerMoved: ago(1) }, undefined],
  ])('%s', (_, facts, expected) => {
    expect(judgeRun({ ...abandoned, ...facts }, ages)).toBe(expected);
  });

  it('of the same second as the manifest may have been published', () => {
    const facts = { ...abandoned, modified: ago(30) + 999, pointerMoved: ago(30) };
    expect(judgeRun(facts, ages)).toBeUndefined();
  });
});

it('an age is counted in whole seconds, even if the server reports milliseconds for objects', () => {
  const all: SweepAges = { now, older: 0, keep: 0 };
  const facts = { ...abandoned, modified: now + 999 };
  expect(judgeRun(facts, all)).toBe('never published');
  expect(judgeRun({ ...facts, pointerMoved: now + 999 }, all)).toBe('superseded');
  expect(judgeRun({ ...facts, modified: now + 1_000 }, all)).toBeUndefined();
  expect(isDeadUpload(now + 999, false, all)).toBe(true);
  expect(isDeadUpload(now + 1_000, false, all)).toBe(false);
  expect(isOldScript(now + 999, false, all)).toBe(true);
  expect(isOldScript(now + 1_000, false, all)).toBe(false);
});

describe('other garbage', () => {
  it('is rejects that are older than their retention, even of a published run', () => {
    const kept = { ...ages, keepRejects: 100 * hour };
    expect(areOldRejects(ago(101), false, kept)).toBe(true);
    expect(areOldRejects(ago(99), false, kept)).toBe(false);
    expect(areOldRejects(ago(101), true, kept)).toBe(false);
    expect(areOldRejects(ago(23), false, { ...ages, keepRejects: hour })).toBe(false);
    expect(areOldRejects(ago(99_999), false, ages)).toBe(false);
  });

  it('is a record that is older than its retention', () => {
    const kept = { ...ages, keepRecords: 100 * hour };
    expect(isOldRecord(ago(100), kept)).toBe(true);
    expect(isOldRecord(ago(99), kept)).toBe(false);
    expect(isOldRecord(ago(23), { ...ages, keepRecords: hour })).toBe(false);
    expect(isOldRecord(ago(99_999), ages)).toBe(false);
  });

  it('is an old script while no day is held', () => {
    expect(isOldScript(ago(169), false, ages)).toBe(true);
    expect(isOldScript(ago(169), true, ages)).toBe(false);
    expect(isOldScript(ago(167), false, ages)).toBe(false);
  });

  it('is an upload without recent parts, on a day that is not held', () => {
    expect(isDeadUpload(ago(24), false, ages)).toBe(true);
    expect(isDeadUpload(ago(24), true, ages)).toBe(false);
    expect(isDeadUpload(ago(23), false, ages)).toBe(false);
  });

  it('is a lease that expired long ago', () => {
    expect(isDeadLease(ago(24), ages)).toBe(true);
    expect(isDeadLease(ago(23), ages)).toBe(false);
    expect(isDeadLease(ago(-1), { ...ages, older: 0 })).toBe(false);
  });
});
