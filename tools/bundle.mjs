// Bundles one job into dist/main.mjs, or into the folder of the second argument: one file, no dependency at run time, the same bytes for the same commit.
// Beside it: the texts of the licences that ask for it, and a CycloneDX list of what the bundle holds.
import { globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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

await build({
  // The package whose list of contents this is.
  absWorkingDir: folder,
  entryPoints: [join(folder, 'src/main.ts')],
  outfile: join(fresh, 'main.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  external: ['pg-native'],
  define: { BUNDLED_ASSETS: JSON.stringify(contents) },
  // Before anything else: a signal from here on is kept for the job's own listener. Without one, process
  // 1 of a container would lose it (docs/adr/0011-node-is-process-one.md).
  // CommonJS dependencies (pg) ask for `require`; the name is one that no dependency imports itself.
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module';for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => {});const require = bundleRequire(import.meta.url);",
  },
  plugins: [
    cyclonedxEsbuildPlugin({
      specVersion: '1.6',
      outputFile: join(fresh, 'sbom.cdx.json'),
      outputReproducible: true,
      gatherLicenseTexts: true,
    }),
  ],
  logLevel: 'warning',
})
  .then(() => {
    mkdirSync(target, { recursive: true });
    for (const file of readdirSync(fresh)) renameSync(join(fresh, file), join(target, file));
  })
  .finally(() => rmSync(fresh, { recursive: true, force: true }));
