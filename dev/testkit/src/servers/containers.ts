/** Postgres and LocalStack in containers, on random ports of the loopback address. */
import { randomBytes } from 'node:crypto';
import { env } from 'node:process';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';

/** The images; docs/adr/0009-servers-of-the-container-tests.md says why. */
const postgresImage = env['POSTGRES_IMAGE'] ?? 'postgres:18';
const localstackImage = env['LOCALSTACK_IMAGE'] ?? 'localstack/localstack:4.14.0';

/** Addresses of containers that several vitest runs share; set by dev/testkit/src/servers/main.ts. */
export const addressesVariable = 'TEST_CONTAINERS';

/** Milliseconds until a server must answer, including its first start on a busy machine. */
const startupTimeout = 120_000;

export interface Containers extends AsyncDisposable {
  /** For a user with the right to create databases. */
  readonly databaseUrl: string;
  /** S3, Secrets Manager and more. */
  readonly awsEndpoint: string;
}

/** Starts both concurrently. @throws if no Docker engine answers, or a server does not start. */
export async function startContainers(): Promise<Containers> {
  await engine();
  await using started = new AsyncDisposableStack();
  const [postgres, localstack] = await Promise.allSettled([startPostgres(), startLocalstack()]);
  for (const server of [postgres, localstack]) {
    if (server.status === 'fulfilled') {
      const { container } = server.value;
      started.defer(() => container.stop().then(() => undefined));
    }
  }
  if (postgres.status === 'rejected') throw postgres.reason;
  if (localstack.status === 'rejected') throw localstack.reason;
  const running = started.move();
  return {
    databaseUrl: postgres.value.url,
    awsEndpoint: localstack.value.url,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function engine(): Promise<void> {
  try {
    await getContainerRuntimeClient();
  } catch (error) {
    throw new Error(
      'INTEGRATION_BACKEND=docker, but no Docker engine answers: start one, or unset the variable',
      { cause: error },
    );
  }
}

const postgresSettings = [
  'fsync=off',
  'timezone=UTC',
  // So that the query of a killed client ends soon.
  'client_connection_check_interval=1s',
];

async function startPostgres() {
  const password = randomBytes(12).toString('hex');
  const container = await new GenericContainer(postgresImage)
    .withEnvironment({ POSTGRES_PASSWORD: password, POSTGRES_DB: 'retail' })
    // The data is lost with the container anyway.
    .withCommand(['postgres', ...postgresSettings.flatMap((setting) => ['-c', setting])])
    .withTmpFs({ '/var/lib/postgresql': 'rw' })
    .withExposedPorts(5432)
    // The first start initialises the cluster with a temporary server.
    .withWaitStrategy(
      Wait.forAll([
        Wait.forLogMessage(/database system is ready to accept connections/, 2),
        Wait.forListeningPorts(),
      ]),
    )
    .withStartupTimeout(startupTimeout)
    .start();
  const at = `127.0.0.1:${container.getMappedPort(5432)}`;
  return { container, url: `postgres://postgres:${password}@${at}/retail` };
}

async function startLocalstack() {
  const container = await new GenericContainer(localstackImage)
    .withEnvironment({ SERVICES: 's3,sts,secretsmanager', EAGER_SERVICE_LOADING: '1' })
    .withExposedPorts(4566)
    .withWaitStrategy(Wait.forHttp('/_localstack/health', 4566).forStatusCode(200))
    .withStartupTimeout(startupTimeout)
    .start();
  return { container, url: `http://127.0.0.1:${container.getMappedPort(4566)}` };
}
