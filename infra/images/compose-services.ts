/** Starts the services of infra/compose.yaml without Compose, each by the equivalent `docker run`. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  composeEnv,
  infra,
  publishedPort,
  type Service,
  type ServiceName,
  services,
  volumes,
} from '../test/compose-file.ts';
import { buildWithBuildKit, docker } from './docker.ts';

/** Milliseconds until a server must answer, on a busy machine. */
const startupTimeout = 120_000;

export interface ComposeServices extends AsyncDisposable {
  /** infra/compose.env with the actual ports of these services. */
  readonly env: Readonly<Record<string, string>>;
}

/** Builds the images for which compose.yaml has a build section. */
export async function buildServices(): Promise<void> {
  const recipes = Object.values(services).flatMap(({ image, build }) =>
    build === undefined ? [] : [[image, build] as const],
  );
  for (const [image, { context, dockerfile }] of new Map(recipes)) {
    const folder = join(infra, context);
    const file = `--file=${join(folder, dockerfile)}`;
    await buildWithBuildKit(`--tag=${image}`, file, ...mirror(), folder);
  }
}

/** This machine's package source, if it runs the image's Debian release: no other may be reachable. */
function mirror(): readonly string[] {
  const list = '/etc/apt/sources.list.d/debian.sources';
  const fits = existsSync(list) && readFileSync(list, 'utf8').includes('bookworm');
  return fits ? [`--secret=id=apt,src=${list}`] : [];
}

/** Starts the services one after another on random ports. @throws if one does not become healthy. */
export async function startServices(): Promise<ComposeServices> {
  const project = `test-compose-${randomBytes(4).toString('hex')}`;
  await using stack = new AsyncDisposableStack();
  const removeAtEnd = (...args: string[]) => {
    stack.defer(() => docker(...args).then(() => undefined));
  };
  for (const volume of Object.keys(volumes)) {
    await docker('volume', 'create', `${project}-${volume}`);
    removeAtEnd('volume', 'rm', `${project}-${volume}`);
  }
  await docker('network', 'create', project);
  removeAtEnd('network', 'rm', project);
  const ports = new Map<string, string>();
  const variables = composeEnv();
  for (const [name, service] of Object.entries(services) as [ServiceName, Service][]) {
    const missing = Object.keys(service.depends_on).filter((other) => !ports.has(other));
    if (missing.length > 0) throw new Error(`${name} must come after ${missing.join()}`);
    const container = `${project}-${name}`;
    await docker('run', '--detach', ...options(project, name, service, variables));
    removeAtEnd('rm', '--force', '--volumes', container);
    await untilHealthy(container, service);
    const address = await docker('port', container);
    ports.set(name, /:(\d+)\s*$/.exec(address)?.[1] ?? '');
  }
  const running = stack.move();
  return {
    env: withPorts(variables, ports),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The value of a variable, or the default after `:-`, as Compose replaces them. */
const replaced = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replaceAll(
    /\$\{(\w+):[-?]([^}]*)\}/g,
    (_, name: string, otherwise: string) => variables[name] ?? otherwise,
  );

const options = (
  project: string,
  name: ServiceName,
  service: Service,
  variables: Readonly<Record<string, string>>,
): readonly string[] => [
  ...[`--name=${project}-${name}`, `--network=${project}`, `--network-alias=${name}`],
  ...Object.entries(service.environment).map(
    ([variable, value]) => `--env=${variable}=${replaced(value, variables)}`,
  ),
  // Publishes the container's port on a random local port.
  `--publish=${service.ports[0].replace(/\$\{[^}]*\}/, '')}`,
  ...service.volumes.map((volume) => `--volume=${project}-${volume}`),
  ...service.tmpfs.map((place) => `--tmpfs=${place}`),
  ...service.cap_drop.map((right) => `--cap-drop=${right}`),
  ...service.security_opt.map((option) => `--security-opt=${option}`),
  `--init=${service.init}`,
  `--read-only=${service.read_only}`,
  service.image,
  ...service.command.map((argument) => replaced(argument, variables)),
];

/** Waits for the health check in compose.yaml, or else for that of the image. */
async function untilHealthy(container: string, { healthcheck }: Service): Promise<void> {
  const [, ...command] = healthcheck?.test ?? [];
  const isHealthy = () =>
    command.length > 0
      ? docker('exec', container, ...command).then(() => true)
      : docker('inspect', '--format={{.State.Health.Status}}', container).then(
          (status) => status.trim() === 'healthy',
        );
  const end = Date.now() + startupTimeout;
  while (Date.now() < end) {
    if (await isHealthy().catch(() => false)) return;
    await delay(500);
  }
  throw new Error(`${container} did not become healthy:\n${await docker('logs', container)}`);
}

function withPorts(
  env: Readonly<Record<string, string>>,
  ports: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const replaced = (value: string) =>
    [...ports].reduce(
      (text, [name, port]) =>
        text.replace(`:${publishedPort(services[name as ServiceName])}`, `:${port}`),
      value,
    );
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, replaced(value)]));
}
