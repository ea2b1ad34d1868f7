import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { code, sources } from './workspace-files.ts';

const guarded = [...jobs, 'capture-purchases', 'shared', 'source'];
const files = guarded.flatMap((project) => sources(project));

describe('the process', () => {
  it('is touched by main.ts alone, and handed on from there', () => {
    const touching = files.filter((path) =>
      /(?<!')\bprocess\s*[.[]|\bglobalThis\s*[.[]|'(node:)?process'|\(process\)/.test(code(path)),
    );
    expect(touching.filter((path) => !path.endsWith('/main.ts'))).toEqual([]);
  });

  it("is handed on in every job's main.ts", () => {
    for (const job of jobs) {
      expect(code(`packages/${job}/src/main.ts`)).toMatch(/runJob\(\w+, process\)/);
    }
  });
});

describe('environment variables', () => {
  it('are declared in config.ts, and read nowhere else', () => {
    const reading = files.filter((path) =>
      /\.env\b|\benv\[|\{[^}]*\benv\b[^}]*\} =/.test(code(path)),
    );
    expect(reading).toEqual(['packages/shared/src/runner/run-job.ts']);
    const declaring = files.filter((path) => /\bvariable\(/.test(code(path)));
    expect(declaring.filter((path) => !path.endsWith('/config.ts'))).toEqual([]);
    expect(declaring).toContain('packages/shared/src/runner/config.ts');
  });
});
