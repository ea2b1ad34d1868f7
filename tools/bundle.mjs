// Bundles one job into dist, or into the folder of the second argument: no dependency at run time, the same bytes for the same commit.
// main.cjs is the job. main.mjs starts it, with what V8 compiled of it the last time (docs/adr/0016-start-up.md).
// Beside it: the texts of the licences that ask for it, and a CycloneDX list of what the bundle holds.
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const project = process.argv[2] ?? '';
const folder = join(root, 'packages', project);
const target = resolve(process.argv[3] ?? join(folder, 'dist'));
// Beside it, and moved when complete: a job that starts meanwhile reads no half-written file.
const fresh = `${target}.${process.pid}`;
const { assets = [] } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const contents = Object.fromEntries(
  globSync(assets, { cwd: root })
    .sort()
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
const missing = assets.filter((pattern) => globSync(pattern, { cwd: root }).length === 0);
if (missing.length > 0) throw new Error(`${project}: no file matches ${missing.join(', ')}`);

/** The project's WebAssembly, in base64. */
async function scanner() {
  const compiler = join(folder, 'assembly/compile.ts');
  if (!existsSync(compiler)) return {};
  const { compileScanner } = await import(compiler);
  const binary = Buffer.from(await compileScanner()).toString('base64');
  return { BUNDLED_SCANNER: JSON.stringify(binary) };
}

/**
 * First of all, a signal is kept for the job's own listener: without one, process 1 of a container would
 * lose it (docs/adr/0011-node-is-process-one.md). The cache lies beside the job, where none but its owner
 * writes; where nobody may, nothing is kept and nothing is said.
 */
const starter = `for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => {});
const { createRequire, enableCompileCache } = process.getBuiltinModule('node:module');
enableCompileCache(\`\${import.meta.dirname}/compile-cache\`);
createRequire(import.meta.url)('./main.cjs');
`;

try {
  await build({
    // The package whose list of contents this is.
    absWorkingDir: folder,
    entryPoints: [join(folder, 'src/main.ts')],
    outfile: join(fresh, 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'linked',
    external: ['pg-native'],
    define: {
      BUNDLED_ASSETS: JSON.stringify(contents),
      'import.meta.dirname': '__dirname',
      'import.meta.url': 'bundleUrl',
      ...(await scanner()),
    },
    // What is written as a module (yargs) asks for its own address.
    banner: { js: "const bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    plugins: [
      cyclonedxEsbuildPlugin({
        specVersion: '1.6',
        outputFile: join(fresh, 'sbom.cdx.json'),
        outputReproducible: true,
        gatherLicenseTexts: true,
      }),
    ],
    logLevel: 'warning',
  });
  writeFileSync(join(fresh, 'main.mjs'), starter);
  mkdirSync(target, { recursive: true });
  // The starter last: it needs the job.
  for (const file of readdirSync(fresh).sort()) renameSync(join(fresh, file), join(target, file));
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
