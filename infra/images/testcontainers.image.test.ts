/** The Testcontainers modules of the emulators, on the image that infra/compose.yaml builds. */
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeClusterCommand, EMRClient, RunJobFlowCommand } from '@aws-sdk/client-emr';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  LocalEmrContainer,
  LocalRedshiftContainer,
  type StartedEmulatorContainer,
} from '@user-behaviour/testcontainers';
import { Client } from 'pg';
import { GenericContainer, Network, Wait } from 'testcontainers';
import { beforeAll, expect, it } from 'vitest';
import { buildServices } from './compose-services.ts';
import { services } from '../test/compose-file.ts';

beforeAll(buildServices, 900_000);

const settings = (container: StartedEmulatorContainer) => ({
  endpoint: container.getEndpoint(),
  region: container.getRegion(),
  credentials: container.getCredentials(),
  maxAttempts: 1,
});
const others = { accessKeyId: 'LOCALANOTHERONE00000', secretAccessKey: 'x'.repeat(40) };

it('LocalRedshiftContainer runs SQL for its own key pair and its own password only', async () => {
  await using redshift = await new LocalRedshiftContainer().start();
  const target = { WorkgroupName: redshift.getWorkgroup(), Database: redshift.getDatabase() };
  const statement = new ExecuteStatementCommand({ ...target, Sql: 'select 40 + 2' });

  const client = new RedshiftDataClient(settings(redshift));
  const { Id } = await client.send(statement);
  await expect
    .poll(async () => (await client.send(new DescribeStatementCommand({ Id }))).Status)
    .toBe('FINISHED');
  const { Records } = await client.send(new GetStatementResultCommand({ Id }));
  expect(Records).toEqual([[{ longValue: 42 }]]);
  client.destroy();

  const stranger = new RedshiftDataClient({ ...settings(redshift), credentials: others });
  await expect(stranger.send(statement)).rejects.toThrow('access key');
  stranger.destroy();

  const postgres = new Client({ connectionString: redshift.getConnectionUri() });
  await postgres.connect();
  expect((await postgres.query('select 40 + 2 as sum')).rows).toEqual([{ sum: 42 }]);
  await postgres.end();
});

it('LocalEmrContainer runs a script of the given S3 on Spark, for the given key pair', async () => {
  await using network = await new Network().start();
  await using localstack = await new GenericContainer(services.localstack.image)
    .withEnvironment({ SERVICES: 's3', EAGER_SERVICE_LOADING: '1' })
    .withNetwork(network)
    .withNetworkAliases('localstack')
    .withExposedPorts(4566)
    .withWaitStrategy(Wait.forHttp('/_localstack/health', 4566))
    .start();
  const s3 = new S3Client({
    endpoint: `http://${localstack.getHost()}:${String(localstack.getMappedPort(4566))}`,
    region: 'us-east-1',
    credentials: others,
    forcePathStyle: true,
  });
  const Bucket = 'scripts';
  const Body = `from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
assert spark.range(7).selectExpr("sum(id) as s").first().s == 21
`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'sum.py', Body }));
  s3.destroy();

  await using emr = await new LocalEmrContainer()
    .withNetwork(network)
    .withNetworkAliases('emr')
    .withS3('http://localstack:4566')
    .withCredentials(others)
    .start();
  expect(emr.getCredentials()).toEqual(others);
  // Containers of the network reach it by its name.
  const status = "fetch('http://emr:4567/health').then((reply) => console.log(reply.status))";
  expect((await emr.exec(['node', '--eval', status])).output.trim()).toBe('200');
  const client = new EMRClient(settings(emr));
  const standing = new DescribeClusterCommand({ ClusterId: emr.getClusterId() });
  expect((await client.send(standing)).Cluster?.Status?.State).toBe('WAITING');
  const Args = ['spark-submit', `s3://${Bucket}/sum.py`];
  const { JobFlowId = '' } = await client.send(
    new RunJobFlowCommand({
      Name: 'sum',
      Instances: { KeepJobFlowAliveWhenNoSteps: false },
      Steps: [{ Name: 'sum', HadoopJarStep: { Jar: 'command-runner.jar', Args } }],
    }),
  );
  const cluster = new DescribeClusterCommand({ ClusterId: JobFlowId });
  for (;;) {
    const { Cluster } = await client.send(cluster);
    const { State = '', StateChangeReason } = Cluster?.Status ?? {};
    if (State.startsWith('TERMINATED')) {
      expect(StateChangeReason?.Code).toBe('ALL_STEPS_COMPLETED');
      break;
    }
    await delay(200);
  }
  client.destroy();
});
