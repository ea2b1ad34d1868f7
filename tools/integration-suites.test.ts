import { describe, expect, it } from 'vitest';
import {
  dockerProjects,
  dockerTests,
  integrationFiles,
  nightlyProjects,
} from './integration-suites.mjs';
import { paths, text } from './workspace-files.ts';

interface Files {
  readonly onDockerToo: readonly string[];
  readonly localOnly: readonly string[];
  readonly nightly?: readonly string[];
}
const folders = Object.entries<Files>(integrationFiles);
const path = (folder: string, name: string) => `${folder}/test/${name}.test.ts`;

describe('every integration test', () => {
  it('is in one of the lists, once', () => {
    const listed = folders.flatMap(([folder, { onDockerToo, localOnly, nightly = [] }]) =>
      [...onDockerToo, ...localOnly, ...nightly].map((name) => path(folder, name)),
    );
    expect(listed.sort()).toEqual(
      paths('{packages/*,dev/*,infra/aws,tools}/test/**/*.{it,fault}.test.ts'),
    );
  });

  it('that runs on Docker takes the servers of the backend', () => {
    for (const [folder, { onDockerToo }] of folders) {
      for (const name of onDockerToo) {
        expect(text(path(folder, name)), name).toContain('startTestCloud(');
      }
    }
  });
});

it('vitest is given the files of the project that it runs', () => {
  expect(dockerTests('dev/sample')).toEqual(['test/seed.it.test.ts']);
  expect(dockerTests('dev/faults')).toEqual([]);
  expect(dockerProjects).toContain('sample');
  expect(dockerProjects).not.toContain('faults');
  expect(nightlyProjects).toEqual(['testcontainers']);
});
