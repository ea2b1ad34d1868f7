/** How a job's image is started: as little as it needs, and only the variables that it declares. */
import { execFile } from 'node:child_process';
import { isAbsolute, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '@user-behaviour/shared/failure';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ContainerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** The AWS SDK's own, and those of the runner that all jobs have. */
const ofEveryJob = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'LOG_LEVEL',
  'LOG_STACK',
];

/** Variables that may name a file of this machine. */
const ofFiles = ['REVIEWS_SOURCE', 'REVIEWS_READY', 'RULES', 'SOURCE_DATABASE_CA_FILE'];
/** Those whose file may not exist yet. */
const ofLaterFiles = ['REVIEWS_READY'];

/** `IMAGE_PREFIX` and `IMAGE_TAG` (default latest) tell which image. @throws Failure when it is not there. */
export async function imageCommand(
  job: string,
  args: readonly string[],
  environment: Environment,
): Promise<ContainerCommand> {
  const image = `${environment['IMAGE_PREFIX'] ?? ''}${job}:${environment['IMAGE_TAG'] ?? 'latest'}`;
  const declared = await variablesOf(image);
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return containerCommand(image, declared, args, environment, owner);
}

/** Makes the command. Pure. It contains no values except paths of files, because a value may be a secret. */
export function containerCommand(
  image: string,
  declared: readonly string[],
  args: readonly string[],
  environment: Environment,
  owner: { readonly uid: number; readonly gid: number },
): ContainerCommand {
  const given = [...declared, ...ofEveryJob].filter((name) => (environment[name] ?? '') !== '');
  const files = given
    .filter((name) => ofFiles.includes(name))
    .map((name) => ({ name, path: environment[name] ?? '' }))
    .filter(({ path }) => !/^[a-z0-9]+:\/\//i.test(path))
    .map(({ name, path }) => ({ name, path: isAbsolute(path) ? path : resolve(path) }));
  const mounts = new Set(files.map(({ name, path }) => mountOf(name, path)));
  // A private file of this person's is read as this person; but never as root.
  const user = owner.uid === 0 ? [] : [`--user=${String(owner.uid)}:${String(owner.gid)}`];
  return {
    file: 'docker',
    args: [
      'run',
      '--rm',
      // Also ends on a signal that arrives before Node listens for it.
      '--init',
      '--pull=never',
      '--read-only',
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      '--memory=512m',
      // The local cloud listens on this machine's loopback address.
      '--network=host',
      ...user,
      ...[...mounts].map((mount) => `--mount=type=bind,readonly,${mount}`),
      ...given.map((name) => `--env=${name}`),
      image,
      ...args,
    ],
    env: {
      ...environment,
      ...Object.fromEntries(files.map(({ name, path }) => [name, path])),
    },
  };
}

/** The folder above the file if the path contains {ds}, because it then names many files, or if it comes later. */
function mountOf(name: string, path: string): string {
  const at = ofLaterFiles.includes(name) ? path.length : path.indexOf('{ds}');
  const place = at === -1 ? path : path.slice(0, path.lastIndexOf('/', at)) || '/';
  if (place.includes(',') || place.includes('"')) {
    throw new Failure('configuration', `${place} has a comma or a quote: no container can get it`);
  }
  return `source=${place},target=${place}`;
}

/** The names that the job declares, from the image's own label. */
async function variablesOf(image: string): Promise<readonly string[]> {
  const format = '{{index .Config.Labels "user-behaviour.variables"}}';
  try {
    const inspect = ['image', 'inspect', `--format=${format}`, image];
    const { stdout } = await promisify(execFile)('docker', inspect);
    return stdout.trim().split(' ');
  } catch (error) {
    const reason = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Failure(
      'configuration',
      `cannot use the image ${image} (${reason || String(error)}); make images builds it`,
    );
  }
}
