/** Testcontainers modules: each starts one emulator in a container of the image that holds both. */
import { randomBytes } from 'node:crypto';
import {
  AbstractStartedContainer,
  GenericContainer,
  getContainerRuntimeClient,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';

/** What infra/docker/local-cloud.Dockerfile makes. */
export const emulatorImage = 'user-behaviour/local-cloud';

/** In the container. */
const port = 4567;
/** Of the PostgreSQL protocol, in the container. */
const sqlPort = 5439;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export class StartedEmulatorContainer extends AbstractStartedContainer {
  readonly #credentials: Credentials;

  constructor(container: StartedTestContainer, credentials: Credentials) {
    super(container);
    this.#credentials = credentials;
  }

  getEndpoint(): string {
    return `http://${this.getHost()}:${String(this.getMappedPort(port))}`;
  }

  getRegion(): string {
    return 'us-east-1';
  }

  /** The only pair that the emulator accepts. */
  getCredentials(): Credentials {
    return this.#credentials;
  }
}

abstract class EmulatorContainer extends GenericContainer {
  readonly #program: readonly string[];
  #credentials: Credentials = {
    accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  };
  #s3: string | undefined;

  protected constructor(image: string, ...program: readonly string[]) {
    super(image);
    this.#program = program;
    this.withExposedPorts(port).withWaitStrategy(Wait.forHttp('/health', port));
  }

  /** Default: a random pair. The emulator also signs its requests to S3 with it. */
  withCredentials(credentials: Credentials): this {
    this.#credentials = credentials;
    return this;
  }

  /** The address of S3 as the container sees it, e.g. `http://localstack:4566` in a common network. */
  withS3(endpoint: string): this {
    this.#s3 = endpoint;
    return this;
  }

  protected async startEmulator(): Promise<readonly [StartedTestContainer, Credentials]> {
    const { info } = await getContainerRuntimeClient();
    const { accessKeyId, secretAccessKey } = this.#credentials;
    this.withEnvironment({
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    }).withCommand([
      ...this.#program,
      '--host=0.0.0.0',
      `--port=${String(port)}`,
      // Tests reach it at another port than its own; other containers, by its names in the network.
      ...[info.containerRuntime.host, ...this.networkAliases].map((name) => `--allow-host=${name}`),
      ...(this.#s3 === undefined ? [] : [`--s3=${this.#s3}`]),
    ]);
    return [await super.start(), this.#credentials];
  }
}

/** The EMR API; steps run on Spark in the container. */
export class LocalEmrContainer extends EmulatorContainer {
  constructor(image = emulatorImage) {
    super(image, 'dev/local-emr/src/main.ts');
  }

  override async start(): Promise<StartedLocalEmrContainer> {
    return new StartedLocalEmrContainer(...(await this.startEmulator()));
  }
}

export class StartedLocalEmrContainer extends StartedEmulatorContainer {
  /** A cluster that is always there. */
  getClusterId(): string {
    return 'j-LOCALCLOUD0';
  }
}

/** The Redshift Data API and the PostgreSQL protocol; SQL runs on DuckDB in the container. */
export class LocalRedshiftContainer extends EmulatorContainer {
  readonly #password = randomBytes(20).toString('hex');

  constructor(image = emulatorImage) {
    super(image, 'dev/local-redshift/src/main.ts', `--sql-port=${String(sqlPort)}`);
    this.withExposedPorts(sqlPort).withEnvironment({ REDSHIFT_PASSWORD: this.#password });
  }

  override async start(): Promise<StartedLocalRedshiftContainer> {
    return new StartedLocalRedshiftContainer(...(await this.startEmulator()), this.#password);
  }
}

export class StartedLocalRedshiftContainer extends StartedEmulatorContainer {
  readonly #password: string;

  constructor(container: StartedTestContainer, credentials: Credentials, password: string) {
    super(container, credentials);
    this.#password = password;
  }

  /** For clients of the PostgreSQL protocol, with user and password. TLS must be off. */
  getConnectionUri(): string {
    const address = `${this.getHost()}:${String(this.getMappedPort(sqlPort))}`;
    return `postgres://awsuser:${this.#password}@${address}/${this.getDatabase()}`;
  }

  /** For `WorkgroupName` or `ClusterIdentifier`. */
  getWorkgroup(): string {
    return 'local';
  }

  getDatabase(): string {
    return 'dev';
  }
}
