import { describe, expect, it } from 'vitest';
import type { Section } from '../settings.ts';
import { withQuotes } from './quotes.ts';
import type { SectionFigures } from './section-figures.ts';

const section = (name: Section, isBusy = false): SectionFigures => ({
  section: name,
  date: '2026-01-02',
  code: { commit: 'abc', projects: {} },
  ...{ machine: {}, versions: {}, settings: {}, notes: [] },
  isBusy,
  entries: [
    {
      name: 'psql > /dev/null',
      kind: 'floor',
      size: 10_000,
      runs: 3,
      time: { median: 1.234, low: 1, high: 2 },
    },
    { name: 'psql > /dev/null', kind: 'floor', size: 100, runs: 3, memory: 12e6 },
    { name: 'ours', kind: 'ours', runs: 3, ratio: 0.5 },
  ],
});
const store = new Map([section('big'), section('growth', true)].map((one) => [one.section, one]));
const quote = (name: string, value = 'old') => `<!-- bench ${name} -->${value}<!-- end -->`;
const filled = (document: string) => withQuotes(document, store, 'docs/some.md');

describe('a document that quotes the benchmark', () => {
  it('gets each figure from the store, and nothing else changes', () => {
    const named = [
      ['big / psql > /dev/null / 10,000 / time', '1.23'],
      ['big / psql > /dev/null / 100 / memory', '12 MB'],
      ['big / ours / ratio', '0.50'],
      ['big / date', '2026-01-02'],
      ['big / machine', 'quiet'],
    ] as const;
    const document = (value: (shown: string) => string) =>
      `# Some\n\n${named.map(([name, shown]) => `- is ${quote(name, value(shown))}, text`).join('\n')}\n\n<!-- end --> 0.5\n`;
    expect(filled(document(() => 'old'))).toBe(document((shown) => shown));
    expect(filled(document((shown) => shown))).toBe(document((shown) => shown));
  });

  it.each([
    ['huge / ours / ratio', /docs\/some\.md: the quote "huge .* known: big, growth/],
    ['big / theirs / ratio', /no entry; known: psql > \/dev\/null \/ 10,000; .*; ours/],
    ['big / psql > /dev/null / time', /several entries/],
    ['big / psql > /dev/null / 1,000 / time', /no entry/],
    ['big / ours / memory', /no figure of the entry; known: ratio, runs$/],
    ['big / ours / constructor', /no figure of the entry/],
    ['big', /no entry/],
  ])('may not name %s', (name, error) => {
    expect(() => filled(`It is ${quote(name)}.`)).toThrow(error);
  });

  it('may not leave a quote open', () => {
    expect(() => filled('It is <!-- bench big / date -->2026')).toThrow(/has no end/);
    expect(() => filled(`It is <!-- bench big / date -->2026 ${quote('big / date')}`)).toThrow(
      /has no end/,
    );
  });

  it('may not begin a line with a quote', () => {
    for (const start of ['', 'text\n', '- ', 'text\n  ']) {
      expect(() => filled(`${start}${quote('big / date')}`)).toThrow(/"big \/ date" begins a line/);
    }
  });

  it('has to say in the same paragraph that a machine was busy', () => {
    const busy = quote('growth / ours / ratio', '0.50');
    const state = quote('growth / machine', 'busy');
    expect(() => filled(`It is ${busy}.\n\nOn a ${state} machine.`)).toThrow(/from a busy machine/);
    expect(filled(`It is ${quote('growth / psql > /dev/null / 100 / memory')}`)).toContain(
      '>12 MB<',
    );
    expect(filled(`It is ${busy},\non a ${state} machine.`)).toContain('busy');
  });
});
