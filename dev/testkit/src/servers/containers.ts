/** Postgres and LocalStack in containers, on random ports of the loopback address. */
import { randomBytes } from 'node:crypto';
import { env } from 'node:process';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';

/** Which images, and why: docs/adr/0009-servers-of-the-container-tests.md. */
const postgresImage = env['POSTGRES_IMAGE'] ?? 'postgres:18';
const localstackImage = env['LOCALSTACK_IMAGE'] ?? 'localstack/localstack:4.14.0';

/** Names the containers of a longer run, which then outlive a run of vitest; dev/testkit/src/servers/main.ts sets it. */
export const addressesVariable = 'TEST_CONTAINERS';

/** Milliseconds that a server may take to answer, its first start on a busy machine included. */
const patience = 120_000;

export interface Containers extends AsyncDisposable {
  /** Of a user who may make databases. */
  readonly databaseUrl: string;
  /** S3, Secrets Manager and more. */
  readonly awsEndpoint: string;
}

/** Starts both, side by side. @throws when no engine answers, or a server does not come up. */
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
      'INTEGRATION_BACKEND=docker, and no Docker engine answers: start one, or unset the variable',
      { cause: error },
    );
  }
}

const postgresSettings = [
  'fsync=off',
  'timezone=UTC',
  // So that the query of a client that a test has killed ends soon.
  'client_connection_check_interval=1s',
];

async function startPostgres() {
  const password = randomBytes(12).toString('hex');
  const container = await new GenericContainer(postgresImage)
    .withEnvironment({ POSTGRES_PASSWORD: password, POSTGRES_DB: 'retail' })
    // A database that dies with its container has nothing to keep.
    .withCommand(['postgres', ...postgresSettings.flatMap((setting) => ['-c', setting])])
    .withTmpFs({ '/var/lib/postgresql': 'rw' })
    .withExposedPorts(5432)
    // The first start makes the cluster and ends the server that it made it with.
    .withWaitStrategy(
      Wait.forAll([
        Wait.forLogMessage(/database system is ready to accept connections/, 2),
        Wait.forListeningPorts(),
      ]),
    )
    .withStartupTimeout(patience)
    .start();
  const at = `127.0.0.1:${container.getMappedPort(5432)}`;
  return { container, url: `postgres://postgres:${password}@${at}/retail` };
}

async function startLocalstack() {
  const container = await new GenericContainer(localstackImage)
    .withEnvironment({ SERVICES: 's3,sts,secretsmanager', EAGER_SERVICE_LOADING: '1' })
    .withExposedPorts(4566)
    .withWaitStrategy(Wait.forHttp('/_localstack/health', 4566).forStatusCode(200))
    .withStartupTimeout(patience)
    .start();
  return { container, url: `http://127.0.0.1:${container.getMappedPort(4566)}` };
}
