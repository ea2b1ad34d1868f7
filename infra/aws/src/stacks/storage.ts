/** The bucket of the pipeline, a bucket for logs, and a repository for each job's image. */
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { logEmptying } from '../custom-resources.ts';
import { acknowledge } from '../findings.ts';
import type { Context } from '../context.ts';
import { repositoryPrefix, type TaskName, taskNames } from '../deployed-names.ts';
import type { StoragePart } from '../parts.ts';

export class StorageStack extends Stack {
  readonly part: StoragePart;

  constructor(scope: Construct, id: string, props: StackProps, context: Context) {
    super(scope, id, props);
    const removalPolicy = context.removable
      ? RemovalPolicy.DESTROY
      : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const common = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy,
      autoDeleteObjects: context.emptyBuckets,
    } satisfies s3.BucketProps;

    const logs = new s3.Bucket(this, 'Logs', {
      ...common,
      encryption: s3.BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(30), ...abortUploads }],
    });
    acknowledge(logs, 'AwsSolutions-S1', 'It is the bucket that the access logs go to.');

    const data = new s3.Bucket(this, 'Data', {
      ...common,
      ...(context.kmsKeyArn === undefined
        ? { encryption: s3.BucketEncryption.S3_MANAGED }
        : {
            encryption: s3.BucketEncryption.KMS,
            encryptionKey: kms.Key.fromKeyArn(this, 'Key', context.kmsKeyArn),
            bucketKeyEnabled: true,
          }),
      versioned: true,
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'access/',
      // No object of a dataset expires by age: only the pipeline knows what is published.
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30), ...abortUploads }],
    });

    logEmptying(this);

    this.part = {
      bucketName: data.bucketName,
      logsBucketName: logs.bucketName,
      repositoryPrefix,
    };
    for (const job of taskNames(context.capture !== undefined))
      this.addRepository(job, context, removalPolicy);
  }

  private addRepository(job: TaskName, context: Context, removalPolicy: RemovalPolicy): void {
    new ecr.Repository(this, `Image-${job}`, {
      repositoryName: `${repositoryPrefix}${job}`,
      imageScanOnPush: true,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      lifecycleRules: [{ maxImageCount: 20 }],
      removalPolicy,
      emptyOnDelete: context.removable,
    });
  }
}

const abortUploads = { abortIncompleteMultipartUploadAfter: Duration.days(1) };
