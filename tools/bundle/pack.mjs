// Packs one package of dev/ for npm: dev/PROJECT/dist/NAME-VERSION.tgz, or in the folder of the second argument.
// Node strips no types below node_modules. So a program (src/main.ts, and `programs` that it starts) becomes one file, with the `assets` of its package.json
// beside it, files or folders; what is in `external` stays a dependency. A library is compiled, with its declarations.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempDisposableSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, majorOf } from './options.mjs';

const root = join(import.meta.dirname, '../..');
const project = process.argv[2] ?? '';
const folder = join(root, 'dev', project);
const target = resolve(process.argv[3] ?? join(folder, 'dist'));
const source = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const { programs = [], assets = [], external = [], dependencies = {}, engines } = source;
using stage = mkdtempDisposableSync(join(tmpdir(), 'pack-'));

async function program() {
  await build({
    ...bundleOptions(folder, stage.path, engines),
    entryPoints: ['src/main.ts', ...programs],
    // All beside each other, so that a program finds what it names by `import.meta.dirname`.
    entryNames: '[name]',
    outdir: stage.path,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    external,
    // What is written in CommonJS asks for Node's own modules this way.
    banner: {
      js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    },
  });
  const starter = readFileSync(join(root, 'tools/bundle/start.mjs'), 'utf8');
  const values = { NODE_MAJOR: majorOf(engines), PROGRAM_NAME: project };
  writeFileSync(
    join(stage.path, 'start.mjs'),
    starter.replaceAll(/NODE_MAJOR|PROGRAM_NAME/g, (word) => values[word]),
    { mode: 0o755 },
  );
  for (const path of globSync(assets, { cwd: folder })) {
    cpSync(join(folder, path), join(stage.path, basename(path)), { recursive: true });
  }
  return {
    bin: { [project]: 'start.mjs' },
    dependencies: Object.fromEntries(external.map((name) => [name, dependencies[name]])),
  };
}

function library() {
  using settings = mkdtempDisposableSync(join(tmpdir(), 'pack-'));
  const file = join(settings.path, 'tsconfig.json');
  const compilerOptions = {
    outDir: stage.path,
    rootDir: join(folder, 'src'),
    typeRoots: [join(root, 'node_modules/@types')],
    composite: false,
    emitDeclarationOnly: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
  };
  const include = [join(folder, 'src')];
  const config = { extends: join(folder, 'tsconfig.json'), compilerOptions, include };
  writeFileSync(file, JSON.stringify({ ...config, references: [] }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', file], { stdio: 'inherit' });
  const compiled = (path) => path.replace('./src/', './').replace(/\.ts$/, '.js');
  return {
    exports: Object.fromEntries(
      Object.entries(source.exports).map(([name, path]) => [name, compiled(path)]),
    ),
    dependencies,
  };
}

const { name, version, description, license, type, peerDependencies, keywords } = source;
const made = existsSync(join(folder, 'src/main.ts')) ? await program() : library();
const manifest = { name, version, description, license, type, keywords, engines };
writeFileSync(
  join(stage.path, 'package.json'),
  `${JSON.stringify({ ...manifest, ...made, peerDependencies }, undefined, 2)}\n`,
);
// The package has no other document: its README names them without a link.
const readme = readFileSync(join(folder, 'README.md'), 'utf8');
writeFileSync(
  join(stage.path, 'README.md'),
  readme.replaceAll(/\[([^\]]+)\]\((?![a-z]+:|#)[^)\s]+\)/g, '$1'),
);
copyFileSync(join(root, 'LICENSE'), join(stage.path, 'LICENSE'));
mkdirSync(target, { recursive: true });
execFileSync('npm', ['pack', stage.path, `--pack-destination=${target}`, '--loglevel=error'], {
  stdio: 'inherit',
});
