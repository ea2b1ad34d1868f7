/** The stacks of the pipeline. As a program it is the app of the CDK: see cdk.json. */
import { join } from 'node:path';
import { env, exit, stderr } from 'node:process';
import { asFailure } from '@user-behaviour/shared/failure';
import { App, Tags, Validations } from 'aws-cdk-lib';
import { type Context, readContext } from './context.ts';
import { stackNames } from './deployed-names.ts';
import { SecurityRules } from './findings.ts';
import { projectTag } from './parts.ts';
import { writeSampleFunction } from './sample-function.ts';
import { ClusterStack } from './stacks/cluster.ts';
import { NetworkStack } from './stacks/network.ts';
import { PipelineStack } from './stacks/pipeline.ts';
import { SourceStack } from './stacks/source.ts';
import { StorageStack } from './stacks/storage.ts';
import { WarehouseStack } from './stacks/warehouse.ts';

/** In code, because only the command-line tool reads those of cdk.json. */
const featureFlags = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/core:target-partitions': ['aws'],
  // `both` writes Fn::GetStackOutput, which cfn-lint does not know.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/aws-stepfunctions-tasks:fixRunEcsTaskPolicy': true,
  '@aws-cdk/aws-ecs:reduceRunTaskPermissions': true,
  '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false,
};

export interface Folders {
  /** What sample-function.ts has written; needed if the source is the demo. */
  readonly sample: string;
  /** Where the templates go; the command-line tool says it otherwise. */
  readonly out?: string;
}

const defaultFolders: Folders = {
  sample: join(import.meta.dirname, '../../../.local/aws/sample-function'),
};

/** Reads no account and no network. */
export function buildApp(context: Context, folders: Folders = defaultFolders): App {
  const app = new App({
    context: featureFlags,
    analyticsReporting: false,
    ...(folders.out === undefined ? {} : { outdir: folders.out }),
  });
  const { account, region } = context;
  const props = { env: { account, region }, terminationProtection: !context.removable };
  Tags.of(app).add(...projectTag);
  Validations.of(app).addPlugins(new SecurityRules(app));

  const storage = context.storage ?? new StorageStack(app, stackNames.storage, props, context).part;
  const network = context.network ?? new NetworkStack(app, stackNames.network, props, context).part;
  const cluster =
    context.cluster ??
    new ClusterStack(app, stackNames.cluster, props, context, { storage, network }).part;
  const warehouse =
    context.warehouse ??
    new WarehouseStack(app, stackNames.warehouse, props, context, { storage, network }).part;
  const source =
    context.source === 'demo'
      ? new SourceStack(app, stackNames.source, props, context, folders.sample, {
          storage,
          network,
        }).part
      : { secretArn: context.source, caUrl: context.sourceCaUrl, reviews: context.reviews ?? '' };
  new PipelineStack(app, stackNames.pipeline, props, context, {
    storage,
    network,
    cluster,
    warehouse,
    source,
  });
  return app;
}

/** The command-line tool passes cdk.json, cdk.context.json and -c in one variable. */
async function main(): Promise<void> {
  const values = JSON.parse(env['CDK_CONTEXT_JSON'] ?? '{}') as Record<string, unknown>;
  const context = readContext(values, new Date().toISOString().slice(0, 10));
  if (context.source === 'demo') await writeSampleFunction(defaultFolders.sample);
  buildApp(context).synth();
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    const { message, action, exit: code } = asFailure(error);
    stderr.write(`${message}\n${action}\n`);
    exit(code);
  }
}
