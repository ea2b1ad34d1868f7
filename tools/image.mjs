// Makes the image of a job, or of the operator, from its bundle: `extract-purchases:latest` and `extract-purchases:<commit>`.
// That of the operator holds the bundles of the jobs as well, because `catchup` starts them.
//   NODE_IMAGE     the base; default as in infra/docker/job.Dockerfile
//   IMAGE_PREFIX   before the name, e.g. registry.example.org/team/
//   IMAGE_SOURCE   address of the source for the label; default: the git remote
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, stderr, stdout } from 'node:process';
import { partsOf } from './bundle/parts.mjs';

const root = join(import.meta.dirname, '..');
const project = process.argv[2] ?? '';
const folder = join(root, 'packages', project);
const program = ['main.mjs', 'main.cjs', 'sbom.cdx.json'];
const filesOfJob = (name) => [...program, ...partsOf(name)];

/** The jobs that the image holds besides its own program. */
async function companions() {
  if (project !== 'operator') return [];
  const { jobs } = await import(join(root, 'packages/shared/src/pipeline.ts'));
  return jobs;
}

/** Where each file of the image comes from, by its path in /app. */
const contentsWith = (jobs) => ({
  LICENSE: join(root, 'LICENSE'),
  ...filesOf(project, jobs.length === 0 ? ['compile.mjs', ...filesOfJob(project)] : program, ''),
  ...Object.assign({}, ...jobs.map((name) => filesOf(name, filesOfJob(name), `jobs/${name}/`))),
});

const filesOf = (name, files, folder) =>
  Object.fromEntries(
    files.map((file) => [`${folder}${file}`, join(root, 'packages', name, 'dist', file)]),
  );

/** The environment variables that a program reads. */
async function variablesOf(name) {
  const { variables } = await import(join(root, 'packages', name, 'src/config.ts'));
  return Object.keys(variables);
}

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

async function labels(revision, jobs) {
  const { name, description, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const own = await Promise.all([project, ...jobs].map(variablesOf));
  const { runnerVariables } = await import(join(root, 'packages/shared/src/runner/options.ts'));
  return {
    TITLE: name.replace(/^.*\//, ''),
    DESCRIPTION: description,
    VERSION: version,
    REVISION: revision,
    LICENSES: license,
    SOURCE: source(),
    VARIABLES: [...new Set([...own.flat(), ...Object.keys(runnerVariables)])].join(' '),
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
const jobs = await companions();
const args = Object.entries({ NODE_IMAGE: base, ...(await labels(revision, jobs)) });

pullUnlessThere(base);
const context = mkdtempSync(join(tmpdir(), 'image-'));
try {
  for (const [path, from] of Object.entries(contentsWith(jobs))) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    copyFileSync(from, join(context, path));
  }
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
  if (added > 15) stderr.write(`${image} is larger than the 15 MB that it should need\n`);
} finally {
  rmSync(context, { recursive: true });
}
