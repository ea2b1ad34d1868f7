/**
 * A source to try the pipeline with: a small PostgreSQL with the sample, and the vendor's files in the bucket. Aurora,
 * because it pauses when nobody uses it, and because a deployment can run SQL in it without a way into its network.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import { HandledResource } from '../custom-resources.ts';
import { acknowledge, acknowledgeResources } from '../findings.ts';
import type { NetworkPart, SourcePart, StoragePart } from '../parts.ts';
import { statementsIn } from '../setup-sql.ts';

const databaseName = 'shop';
const prefix = 'sample';
const ddl = join(import.meta.dirname, '../../../../sql/source/001_user_purchase.sql');

export class SourceStack extends Stack {
  readonly part: SourcePart;

  /** @param code the folder that sample-function.ts writes */
  constructor(
    scope: Construct,
    id: string,
    props: StackProps,
    { kmsKeyArn }: Pick<Context, 'kmsKeyArn'>,
    code: string,
    parts: { readonly storage: StoragePart; readonly network: NetworkPart },
  ) {
    super(scope, id, props);
    const { bucketName } = parts.storage;
    const useKey = (action: string) =>
      kmsKeyArn === undefined
        ? []
        : [new PolicyStatement({ actions: [action], resources: [kmsKeyArn] })];
    const importRole = this.importRole(bucketName, useKey('kms:Decrypt'));
    const cluster = this.cluster(parts.network, importRole);
    const reader = new rds.DatabaseSecret(this, 'Reader', {
      username: 'reader',
      dbname: databaseName,
    });
    answerRotation(reader);
    const readerSecret = reader.attach(cluster);

    const sample = new HandledResource(this, 'Sample', {
      code,
      properties: {
        clusterArn: cluster.clusterArn,
        adminSecretArn: cluster.secret?.secretArn,
        readerSecretArn: readerSecret.secretArn,
        database: databaseName,
        bucket: bucketName,
        prefix,
        region: this.region,
        ddl: statementsIn(readFileSync(ddl, 'utf8')),
      },
      rights: [
        new PolicyStatement({
          actions: ['rds-data:ExecuteStatement'],
          resources: [cluster.clusterArn],
        }),
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          resources: [readerSecret.secretArn, cluster.secret?.secretArn ?? ''],
        }),
        new PolicyStatement({
          actions: ['s3:PutObject'],
          resources: [`arn:${this.partition}:s3:::${bucketName}/${prefix}/*`],
        }),
        ...useKey('kms:GenerateDataKey'),
      ],
    });
    sample.node.addDependency(cluster);
    this.part = {
      secretArn: readerSecret.secretArn,
      caUrl: `https://truststore.pki.rds.amazonaws.com/${this.region}/${this.region}-bundle.pem`,
      reviews: `s3://${bucketName}/${prefix}/reviews/{ds}.csv`,
    };
  }

  private cluster(network: NetworkPart, s3ImportRole: Role): rds.DatabaseCluster {
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: network.vpcId,
      availabilityZones: [...network.availabilityZones],
      isolatedSubnetIds: [...network.dataSubnetIds],
    });
    const group = new ec2.SecurityGroup(this, 'Group', {
      vpc,
      description: 'Demo source: the tasks of the jobs come in',
      allowAllOutbound: true,
    });
    group.addIngressRule(
      ec2.Peer.securityGroupId(network.taskSecurityGroupId),
      ec2.Port.tcp(5432),
      'extract-purchases',
    );
    const cluster = new rds.DatabaseCluster(this, 'Cluster', {
      engine: rds.DatabaseClusterEngine.auroraPostgres({
        version: rds.AuroraPostgresEngineVersion.VER_17_7,
      }),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: [group],
      writer: rds.ClusterInstance.serverlessV2('Writer', { publiclyAccessible: false }),
      serverlessV2MinCapacity: 0,
      serverlessV2MaxCapacity: 1,
      serverlessV2AutoPauseDuration: Duration.minutes(30),
      enableDataApi: true,
      defaultDatabaseName: databaseName,
      credentials: rds.Credentials.fromUsername('administrator'),
      storageEncrypted: true,
      backup: { retention: Duration.days(1) },
      s3ImportRole,
      // It holds nothing that the sample does not.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const why = 'It is for trying out: the sample can be loaded again at any time.';
    acknowledge(cluster, 'AwsSolutions-RDS6', `${why} The job logs in with a secret.`);
    acknowledge(cluster, 'AwsSolutions-RDS10', why);
    answerRotation(cluster);
    return cluster;
  }

  /** PostgreSQL itself reads the sample's purchases. */
  private importRole(bucketName: string, others: readonly PolicyStatement[]): Role {
    const bucket = `arn:${this.partition}:s3:::${bucketName}`;
    const role = new Role(this, 'Import', {
      assumedBy: new ServicePrincipal('rds.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
      inlinePolicies: {
        sample: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['s3:GetObject'],
              resources: [`${bucket}/${prefix}/*`],
            }),
            new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket] }),
            ...others,
          ],
        }),
      },
    });
    acknowledgeResources(role, 'The wildcard stands for the files of the sample.');
    return role;
  }
}

const answerRotation = (secret: Construct): void => {
  acknowledge(secret, 'AwsSolutions-SMG4', 'The database can be reached by the tasks alone.');
};
