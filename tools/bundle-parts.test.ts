/** The parts of a bundle that only some starts load, and what the others pay for them. */
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { jobs } from '@user-behaviour/shared/pipeline';
import { build, type BuildOptions } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { httpsOnDemand, lateBuiltins, pinoWithoutTransports } from './bundle/late-modules.mjs';
import { bundleOptions } from './bundle/options.mjs';
import { loadPartsOf, partsOf } from './bundle/parts.mjs';
import { usedCommands } from './bundle/used-commands.mjs';
import { root } from './workspace-files.ts';

const run = promisify(execFile);

/**
 * Bytes of main.cjs without its assets in November 2026, and 2 % for changes. 100,000 more make each start about
 * 1.5 ms longer.
 */
const limits: Readonly<Record<string, number>> = {
  'extract-purchases': 1_403_000,
  'stage-reviews': 1_142_000,
  'emr-clean': 1_238_000,
  'redshift-load': 1_210_000,
};

/**
 * Of telemetry and lineage in a job that sends nothing: the variables, and the check whether they are set. The inputs
 * of a day are the record's.
 */
const limitOfSenders = 4_096;

/** The size of a job's main.cjs, and the bytes of each module in it, without assets. */
async function mainOf(job: string) {
  const options = bundleOptions(join(root, 'packages', job), tmpdir(), {
    node: '>=24',
  }) as BuildOptions;
  const { metafile } = await build({
    ...options,
    plugins: [usedCommands, lateBuiltins, httpsOnDemand, pinoWithoutTransports, loadPartsOf(job)],
    format: 'cjs',
    supported: { 'dynamic-import': false },
    define: {
      BUNDLED_ASSETS: '{}',
      BUNDLED_SCANNER: '""',
      BUNDLED_PARQUET_WRITER: '""',
      'import.meta.dirname': '__dirname',
      'import.meta.url': '__filename',
    },
    external: ['pg-native'],
    outfile: 'main.cjs',
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  const modules = Object.entries(output?.inputs ?? {}).map(
    ([path, { bytesInOutput }]) => [path.replace(/^(\.\.\/)+/, ''), bytesInOutput] as const,
  );
  return { bytes: output?.bytes ?? Infinity, modules, loads: output?.imports ?? [] };
}

async function bundled(job: string) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'bundle-'));
  await run(execPath, ['tools/bundle.mjs', job, folder.path], { cwd: root });
  return folder;
}

/** Runs the bundle with valid variables, but no server. */
async function start(
  folder: string,
  variables: Readonly<Record<string, string>>,
  options: readonly string[] = ['--ds=2010-12-01', '--log-format=json'],
) {
  const env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
    AWS_MAX_ATTEMPTS: '1',
    PIPELINE_BUCKET: 'bucket',
    REVIEWS_SOURCE: '/nowhere/{ds}.csv',
    ...variables,
  };
  const args = [join(folder, 'main.mjs'), ...options];
  const ended = await run(execPath, args, { env }).catch(
    (error: unknown) => error as { readonly code: number; readonly stderr: string },
  );
  return { code: 'code' in ended ? ended.code : 0, stderr: ended.stderr };
}

/** Prints which of Node's modules were loaded, at the end. */
const telling = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    "process.on('exit', () => process._rawDebug(process.moduleLoadList.join()))",
  )}`,
};

/** Which modules of Node the program has loaded, of those that take long and that pipes do not need. */
async function loadedBy(folder: string, options: readonly string[]) {
  const { stderr } = await start(folder, telling, options);
  const names = ['crypto', 'zlib', 'http', 'https', 'tls', 'worker_threads', 'assert'];
  return names.filter((name) => new RegExp(`NativeModule ${name}(,|$)`, 'm').test(stderr));
}

describe('a bundle', () => {
  it.each(jobs)('of %s has in main.cjs only what every start needs', async (job) => {
    const { bytes, modules, loads } = await mainOf(job);
    expect(loads.map(({ path }) => path)).toEqual(
      expect.arrayContaining(partsOf(job).map((part) => `./${part}`)),
    );
    const names = modules.map(([path]) => path);
    const unwanted =
      /pino-pretty|modules\/(sonic-boom|thread-stream)|apache-arrow|parquet-wasm|otlp\.ts|run-events\.ts|PutBucketPolicyCommand|client-s3.*\bS3\.js/;
    expect(names.filter((path) => unwanted.test(path))).toEqual([]);
    expect(names.some((path) => path.endsWith('PutObjectCommand.js'))).toBe(true);
    const senders = modules.filter(([path]) =>
      /^shared\/src\/(lineage\/(?!read-input)|runner\/telemetry|environment|run-record\/senders)/.test(
        path,
      ),
    );
    expect(senders.map(([path]) => path)).toContain('shared/src/run-record/senders.ts');
    expect(senders.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(limitOfSenders);
    expect(bytes, 'main.cjs has grown: docs/adr/0051-parts-of-a-bundle.md').toBeLessThan(
      limits[job] ?? 0,
    );
  });

  it('refuses wrong variables, loads what it uses, works without a part that is missing, and is replaced as a whole', async () => {
    await using folder = await bundled('stage-reviews');
    const complete = (await readdir(folder.path)).sort();
    const wrong = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    };
    const refused = await start(folder.path, wrong);
    expect(refused.code).toBe(78);
    expect(refused.stderr).toContain('OTEL_EXPORTER_OTLP_PROTOCOL is wrong: expected http/json');

    expect(await loadedBy(folder.path, ['--help'])).toEqual([]);
    // To an address without TLS.
    const loaded = await loadedBy(folder.path, ['--check', '--log-format=json']);
    expect(loaded).toEqual(['crypto', 'zlib', 'http']);

    const off = await start(folder.path, {});
    for (const part of ['telemetry.cjs', 'lineage.cjs']) await rm(join(folder.path, part));
    expect(await start(folder.path, {})).toMatchObject({ code: off.code });
    const on = await start(folder.path, { ...wrong, OPENLINEAGE_URL: 'http://127.0.0.1:1' });
    expect(on.code).toBe(off.code);
    for (const name of ['OpenTelemetry', 'OPENLINEAGE_URL']) {
      expect(on.stderr).toContain(`nothing is sent to ${name}, because its code cannot be loaded`);
    }

    await writeFile(join(folder.path, 'former-part.cjs'), '');
    await writeFile(join(folder.path, 'main.0000000000000000.cache'), '');
    await run(execPath, ['tools/bundle.mjs', 'stage-reviews', folder.path], { cwd: root });
    expect((await readdir(folder.path)).sort()).toEqual(complete);
  });
});
