import { describe, expect, it } from 'vitest';
import { jobCommand, summaries } from './jobs.ts';

describe('a job of ours', () => {
  it('is started as Nx does: its bundle, with the same flags', async () => {
    const { args } = await jobCommand('emr-clean', ['--ds=2010-12-01'], {});
    expect(args.at(-1)).toBe('--ds=2010-12-01');
    expect(args.at(-2)).toMatch(/^\/.*\/packages\/emr-clean\/dist\/main\.mjs$/);
    expect(args.slice(0, -2).every((flag) => flag.startsWith('--'))).toBe(true);
  });

  it('tells a line a day', () => {
    const line = '{"ds":"2010-12-01","status":"published","rows":1450}';
    expect(summaries(`note\n${line}\n`)).toEqual([JSON.parse(line)]);
  });
});
