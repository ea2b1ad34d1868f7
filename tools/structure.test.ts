import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imports, jobs, paths, sources, text } from './workspace-files.ts';

const typescript = paths('{packages,dev}/**/*.ts');

describe('files', () => {
  it('are named by what they hold', () => {
    const empty = /^(utils?|helpers?|commons?|types?|misc)$/i;
    const named = paths('**/*').filter((path) =>
      path.split('/').some((part) => empty.test(part.split('.')[0] ?? '')),
    );
    expect(paths('**/*').length).toBeGreaterThan(100);
    expect(named).toEqual([]);
  });

  it('have at most 250 lines, but for tests and for the script that EMR takes as one file', () => {
    const long = paths('{packages,dev,spark,sql,tools,infra}/**/*.{ts,mjs,py,sql}')
      .filter((path) => !/\.test\.ts$|\/tests?\//.test(path))
      .filter((path) => path !== 'spark/random_text_classification.py')
      .map((path) => [path, text(path).split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 250);
    expect(long).toEqual([]);
  });

  it('of a job begin with main.ts, config.ts and job.ts', () => {
    for (const job of jobs) {
      const files = ['main.ts', 'config.ts', 'job.ts'].map((file) => `packages/${job}/src/${file}`);
      expect(sources(job)).toEqual(expect.arrayContaining(files));
    }
  });
});

describe('imports', () => {
  it('of another package name the module: no package has an index', () => {
    expect(paths('{packages,dev}/*/src/index.ts')).toEqual([]);
    for (const path of typescript) {
      const whole = imports(path).filter((name) => /^@user-behaviour\/[\w-]+$/.test(name));
      expect(whole, path).toEqual([]);
    }
  });

  it('of another file stay within the package', () => {
    for (const path of typescript) {
      const home = path.split('/').slice(0, 2).join('/');
      const strays = imports(path)
        .filter((name) => name.startsWith('.'))
        .filter((name) => !join(dirname(path), name).startsWith(`${home}/`));
      expect(strays, path).toEqual([]);
    }
  });

  it('of a job name shared and no other package; its tests may use the testkit', () => {
    for (const job of jobs) {
      for (const path of paths(`packages/${job}/**/*.ts`)) {
        const test = path.endsWith('.test.ts') || path.startsWith(`packages/${job}/test/`);
        const others = imports(path)
          .filter((name) => name.startsWith('@user-behaviour/'))
          .map((name) => name.split('/')[1])
          .filter((name) => name !== 'shared' && !(test && name === 'testkit'));
        expect(others, path).toEqual([]);
      }
    }
  });

  it('of shared name no other package', () => {
    for (const path of paths('packages/shared/**/*.ts')) {
      expect(imports(path).filter((name) => name.startsWith('@user-behaviour/'))).toEqual([]);
    }
  });
});
