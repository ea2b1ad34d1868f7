import { describe, expect, it } from 'vitest';
import { jobCommand, summaries } from './jobs.ts';

describe('one of our jobs', () => {
  it('is started as Nx starts it: the bundle, with the same flags', () => {
    const { args } = jobCommand('emr-clean', ['--ds=2010-12-01'], {});
    expect(args.at(-1)).toBe('--ds=2010-12-01');
    expect(args.at(-2)).toMatch(/^\/.*\/packages\/emr-clean\/dist\/main\.mjs$/);
    expect(args.slice(0, -2).every((flag) => flag.startsWith('--'))).toBe(true);
  });

  it('prints one summary per day', () => {
    const line = '{"ds":"2010-12-01","status":"published","rows":1450}';
    expect(summaries(`note\n${line}\n`)).toEqual([JSON.parse(line)]);
  });
});
