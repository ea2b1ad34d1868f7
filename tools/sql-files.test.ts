import { basename, matchesGlob } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { code, paths, sources, text } from './workspace-files.ts';

const files = paths('sql/**/*.sql');

/** Run once by a DBA; no job needs them. */
const isSourceDdl = (path: string) => matchesGlob(path, 'sql/source/*.sql');

function assetsOf(job: string): readonly string[] {
  const { assets = [] } = JSON.parse(text(`packages/${job}/package.json`)) as { assets?: string[] };
  return assets;
}

describe('a SQL file', () => {
  it.each(files.filter((path) => !isSourceDdl(path)))(
    'is shipped and used by a job: %s',
    (path) => {
      const users = jobs.filter((job) => {
        const shipped = assetsOf(job).some((pattern) => matchesGlob(path, pattern));
        const name = basename(path, '.sql');
        return shipped && sources(job).some((source) => code(source).includes(name));
      });
      expect(users).toHaveLength(1);
    },
  );

  it('that no job uses is the DDL of the source', () => {
    expect(files.filter(isSourceDdl)).toEqual(['sql/source/001_user_purchase.sql']);
  });
});
