import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempDisposable, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env, execPath } from 'node:process';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { paths, root } from './workspace-files.ts';

const run = promisify(execFile);

/** Bundles the job elsewhere: each file's name with a hash of its bytes. */
async function bundled(job: string): Promise<Readonly<Record<string, string>>> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bundle-'));
  await run(execPath, ['tools/bundle.mjs', job, folder.path], { cwd: root });
  const hashes: Record<string, string> = {};
  for (const name of (await readdir(folder.path)).sort()) {
    // Code for this very machine.
    if (name.endsWith('.cache')) continue;
    const bytes = await readFile(join(folder.path, name));
    // The map has the way from the folder to the sources, and the folder is not the usual one.
    const named = !name.endsWith('.map') && bytes.includes(root);
    expect(named, `${name} names the folder it was made in`).toBe(false);
    hashes[name] = createHash('sha256').update(bytes).digest('hex');
  }
  return hashes;
}

describe('the Dockerfiles', () => {
  it('pass hadolint', async () => {
    const files = paths('infra/docker/*.Dockerfile');
    expect(files).toContain('infra/docker/job.Dockerfile');
    // DL3008 asks for versions of Debian's packages, and Debian keeps but the newest.
    const rules = ['--no-color', '--ignore=DL3008'];
    const path = [join(root, '.local/python/bin'), env['PATH']].join(delimiter);
    const options = { cwd: root, env: { ...env, PATH: path } };
    await expect(run('hadolint', [...rules, ...files], options)).resolves.toEqual({
      stdout: '',
      stderr: '',
    });
  });
});

describe('a bundle', () => {
  it.each(jobs)('has the same bytes each time, its list of contents too: %s', async (job) => {
    const [first, second] = await Promise.all([bundled(job), bundled(job)]);
    expect(Object.keys(first)).toEqual([
      'compile.mjs',
      'lineage.cjs',
      'lineage.cjs.map',
      'main.cjs',
      'main.cjs.map',
      'main.mjs',
      ...(job === 'extract-purchases' ? ['parquet.cjs', 'parquet.cjs.map'] : []),
      'readable-log.cjs',
      'readable-log.cjs.map',
      'sbom.cdx.json',
      'telemetry.cjs',
      'telemetry.cjs.map',
    ]);
    expect(second).toEqual(first);
  });

  it('keeps code that V8 takes, for this job and no other', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'bundle-'));
    await run(execPath, ['tools/bundle.mjs', 'extract-purchases', folder.path], { cwd: root });
    const main = join(folder.path, 'main.cjs');
    const starter = await readFile(join(folder.path, 'main.mjs'), 'utf8');
    const [kept] = (await readdir(folder.path)).filter((name) => name.endsWith('.cache'));
    expect(starter).toContain(`/${String(kept)}\``);
    // The starter itself does not tell, so the same script is made here.
    const [, head] = /`(\(function \([^`]*\) \{)\$/.exec(starter) ?? [];
    const source = `${String(head)}${await readFile(main, 'utf8')}\n})`;
    const cachedData = await readFile(join(folder.path, String(kept)));
    expect(new Script(source, { filename: main, cachedData }).cachedDataRejected).toBe(false);

    const help = () => run(execPath, [join(folder.path, 'main.mjs'), '--help']);
    const { stdout } = await help();
    expect(stdout).toContain('--ds');
    // Without it, or with one that is none, the job starts all the same.
    await writeFile(join(folder.path, String(kept)), 'no code');
    expect((await help()).stdout).toBe(stdout);
    await rm(join(folder.path, String(kept)));
    expect((await help()).stdout).toBe(stdout);
  });

  it('lists every package that it holds, with its licence', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'bundle-'));
    await run(execPath, ['tools/bundle.mjs', 'extract-purchases', folder.path], { cwd: root });
    const sbom = JSON.parse(await readFile(join(folder.path, 'sbom.cdx.json'), 'utf8')) as {
      readonly bomFormat: string;
      readonly metadata: { readonly component: { readonly name: string } };
      readonly components: readonly {
        readonly name: string;
        readonly purl?: string;
        readonly licenses?: readonly unknown[];
      }[];
    };
    expect(sbom.bomFormat).toBe('CycloneDX');
    expect(sbom.metadata.component.name).toBe('extract-purchases');
    const packages = sbom.components.filter(({ purl }) => purl !== undefined);
    const names = packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['client-s3', 'pg', 'zod']));
    expect(names).not.toContain('vitest');
    expect(packages.filter(({ licenses }) => (licenses ?? []).length === 0)).toEqual([]);
  });
});
