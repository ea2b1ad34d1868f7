// Makes the image of one job from its bundle: `extract-purchases:latest` and `extract-purchases:<commit>`.
//   NODE_IMAGE     the base; default as in infra/docker/job.Dockerfile
//   IMAGE_PREFIX   before the name, e.g. registry.example.org/team/
//   IMAGE_SOURCE   address of the source for the label; default: the git remote
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, stderr, stdout } from 'node:process';

const root = join(import.meta.dirname, '..');
const project = process.argv[2] ?? '';
const folder = join(root, 'packages', project);
const contents = ['main.mjs', 'main.cjs', 'compile.mjs', 'sbom.cdx.json'];

/** What the program wrote; its complaints go on to stderr. */
const output = (file, ...args) =>
  execFileSync(file, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

function commit() {
  const revision = output('git', 'rev-parse', 'HEAD').trim();
  const changed = output('git', 'status', '--porcelain', '--untracked-files=no') !== '';
  return changed ? `${revision}-dirty` : revision;
}

/** Without user and password, which an address of a remote may hold. */
function source() {
  if (env.IMAGE_SOURCE) return env.IMAGE_SOURCE;
  const remotes = output('git', 'config', '--default', '', '--get', 'remote.origin.url').trim();
  return remotes.replace(/^([a-z]+:\/\/)[^@/]*@/, '$1');
}

async function labels(revision) {
  const { name, description, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const { variables } = await import(join(folder, 'src/config.ts'));
  const { scheduleVariables } = await import(join(root, 'packages/shared/src/runner/config.ts'));
  const { lineageVariables } = await import(
    join(root, 'packages/shared/src/lineage/config.ts')
  );
  return {
    TITLE: name.replace(/^.*\//, ''),
    DESCRIPTION: description,
    VERSION: version,
    REVISION: revision,
    LICENSES: license,
    SOURCE: source(),
    VARIABLES: Object.keys({ ...variables, ...lineageVariables, ...scheduleVariables }).join(' '),
  };
}

/** Bytes of all layers, as the engine counts them. */
const size = (image) => Number(output('docker', 'image', 'inspect', '--format={{.Size}}', image));

/** A build may keep its base in a cache of its own, where `inspect` does not find it. */
function pullUnlessThere(base) {
  const { status } = spawnSync('docker', ['image', 'inspect', base], { stdio: 'ignore' });
  if (status !== 0) output('docker', 'pull', '--quiet', base);
}

const revision = commit();
const image = `${env.IMAGE_PREFIX ?? ''}${project}`;
const dockerfile = join(root, 'infra/docker/job.Dockerfile');
const base = env.NODE_IMAGE || /^ARG NODE_IMAGE=(.+)$/m.exec(readFileSync(dockerfile, 'utf8'))?.[1];
const args = Object.entries({ NODE_IMAGE: base, ...(await labels(revision)) });

pullUnlessThere(base);
const context = mkdtempSync(join(tmpdir(), 'image-'));
try {
  for (const file of contents) copyFileSync(join(folder, 'dist', file), join(context, file));
  copyFileSync(join(root, 'LICENSE'), join(context, 'LICENSE'));
  const built = output(
    'docker',
    'build',
    '--quiet',
    `--file=${dockerfile}`,
    ...args.map(([name, value]) => `--build-arg=${name}=${value}`),
    ...[revision, 'latest'].map((tag) => `--tag=${image}:${tag}`),
    context,
  ).trim();
  const added = (size(built) - size(base)) / 1e6;
  stdout.write(`${image}:${revision} ${built}, ${added.toFixed(1)} MB over ${base}\n`);
  if (added > 15) stderr.write(`${image} is larger than the 15 MB that a job should need\n`);
} finally {
  rmSync(context, { recursive: true });
}
