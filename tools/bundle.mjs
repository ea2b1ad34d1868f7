// Bundles one job into dist, or into the folder of the second argument: no dependency at run time, the same bytes for the same commit.
// main.cjs is the job. main.mjs starts it, with the code that compile.mjs has kept of it (docs/adr/0016-start-up.md).
// Beside it what only some starts of a job need (bundle/parts.mjs).
// Beside it a CycloneDX list of what the bundle holds.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundleOptions, majorOf } from './bundle/options.mjs';
import { httpsOnDemand, lateBuiltins, pinoWithoutTransports } from './bundle/late-modules.mjs';
import { loadPartsOf, partEntriesOf } from './bundle/parts.mjs';
import { usedCommands } from './bundle/used-commands.mjs';

const root = join(import.meta.dirname, '..');
const project = process.argv[2] ?? '';
const folder = join(root, 'packages', project);
const target = resolve(process.argv[3] ?? join(folder, 'dist'));
// Written beside the target and moved when complete, so that a job that starts never reads half a file.
const fresh = `${target}.${process.pid}`;
const {
  assets = [],
  dependencies = {},
  engines,
  nx = {},
} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const contents = Object.fromEntries(
  globSync(assets, { cwd: root })
    .sort()
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
const missing = assets.filter((pattern) => globSync(pattern, { cwd: root }).length === 0);
if (missing.length > 0) throw new Error(`${project}: no file matches ${missing.join(', ')}`);

/** The WebAssembly of packages/source in base64, for a job that reads the source. */
async function scanner() {
  if (!('@user-behaviour/source' in dependencies)) return {};
  const compiler = join(root, 'packages/source/assembly/compile.ts');
  const { compileScanner } = await import(compiler);
  const binary = Buffer.from(await compileScanner()).toString('base64');
  return { BUNDLED_SCANNER: JSON.stringify(binary) };
}

/** The WebAssembly of the Parquet writer, for the part of the job that uses it: 5 MB, compressed 1.5. */
function parquetWriter() {
  if (!('parquet-wasm' in dependencies)) return {};
  const { resolve } = createRequire(join(folder, 'package.json'));
  const path = resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
  return {
    BUNDLED_PARQUET_WRITER: JSON.stringify(gzipSync(readFileSync(path)).toString('base64')),
  };
}

/** Writes the files beside the job. They fit only this main.cjs, because V8 itself compares only its length. */
function writeCompanions() {
  const hash = createHash('sha256')
    .update(readFileSync(join(fresh, 'main.cjs')))
    .digest('hex');
  for (const name of ['compile.mjs', 'main.mjs']) {
    const text = readFileSync(join(root, 'tools/bundle', name), 'utf8');
    const values = {
      CONTENT_HASH: hash.slice(0, 16),
      JOB_NAME: project,
      NODE_MAJOR: majorOf(engines),
    };
    writeFileSync(
      join(fresh, name),
      text.replaceAll(/CONTENT_HASH|JOB_NAME|NODE_MAJOR/g, (word) => values[word]),
    );
  }
}

/** The code is made for the Node of this machine; an image makes its own. */
const compile = () => execFileSync(process.execPath, [join(fresh, 'compile.mjs')]);

/** The operator uses what the parts hold for more, and has it in its main.cjs. */
const isJob = nx.tags?.includes('type:job');
const options = bundleOptions(folder, fresh, engines);

try {
  await build({
    ...options,
    entryPoints: [
      { in: join(folder, 'src/main.ts'), out: 'main' },
      ...(isJob ? partEntriesOf(project) : []),
    ],
    outdir: fresh,
    outExtension: { '.js': '.cjs' },
    plugins: [
      ...options.plugins,
      usedCommands,
      lateBuiltins,
      httpsOnDemand,
      pinoWithoutTransports,
      ...(isJob ? [loadPartsOf(project)] : []),
    ],
    format: 'cjs',
    // As a module, node:http is read in all its parts, one of which loads undici: 13 ms for nothing.
    supported: { 'dynamic-import': false },
    sourcemap: 'linked',
    sourcesContent: false,
    external: ['pg-native'],
    define: {
      BUNDLED_ASSETS: JSON.stringify(contents),
      'import.meta.dirname': '__dirname',
      'import.meta.url': 'bundleUrl',
      ...(await scanner()),
      ...parquetWriter(),
    },
    // What is written as a module may ask for its own address.
    banner: { js: "const bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
  });
  writeCompanions();
  compile();
  mkdirSync(target, { recursive: true });
  const files = readdirSync(fresh).sort();
  for (const old of globSync(['main.*.cache', '*.cjs', '*.cjs.map'], { cwd: target })) {
    if (!files.includes(old)) rmSync(join(target, old), { force: true });
  }
  // Each after what it needs: the parts, the job, the starter.
  const last = ['main.cjs', 'main.mjs'];
  for (const file of [...files.filter((name) => !last.includes(name)), ...last]) {
    renameSync(join(fresh, file), join(target, file));
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
