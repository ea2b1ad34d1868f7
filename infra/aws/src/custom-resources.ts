/** What CloudFormation has no resource for. Its functions run during a deployment only. */
import { type CfnResource, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  type AwsSdkCall,
  Provider,
} from 'aws-cdk-lib/custom-resources';
import { Construct, type IConstruct } from 'constructs';
import { acknowledge, acknowledgeResources } from './findings.ts';

/** Lambda creates a missing log group itself, and no stack would remove that one. */
const logGroup = (scope: Construct): LogGroup =>
  new LogGroup(scope, 'Log', {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });

function acknowledgeFunctions(scope: IConstruct): void {
  acknowledge(
    scope,
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    'It allows a function to write its log, and nothing else.',
  );
  acknowledge(
    scope,
    'AwsSolutions-L1',
    'The CDK chooses the runtime of its own functions, and follows AWS with each release.',
  );
}

/** A function, called on each change of its properties. */
export class HandledResource extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: {
      /** A folder with index.mjs; the AWS SDK comes with the runtime. */
      readonly code: string;
      readonly rights: readonly PolicyStatement[];
      readonly properties: Readonly<Record<string, unknown>>;
    },
  ) {
    super(scope, id);
    const onEventHandler = new lambda.Function(this, 'Function', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(props.code),
      timeout: Duration.minutes(14),
      memorySize: 256,
      logGroup: logGroup(this),
      initialPolicy: [...props.rights],
    });
    const provider = new Provider(this, 'Provider', {
      onEventHandler,
      logGroup: logGroup(new Construct(this, 'ProviderLog')),
    });
    new CustomResource(this, 'Resource', {
      serviceToken: provider.serviceToken,
      resourceType: 'Custom::UserBehaviour',
      properties: { ...props.properties },
    });
    acknowledgeFunctions(this);
    acknowledgeResources(
      this,
      'The provider calls any version of its function; what else has a wildcard takes no resource.',
    );
  }
}

/** The function that all calls of a stack share. */
const sharedFunction = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll('-', '')}`;

/** Calls of the AWS API. */
export class CalledResource extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly onCreate: AwsSdkCall;
      readonly onUpdate: AwsSdkCall;
      readonly onDelete: AwsSdkCall;
      readonly rights: readonly PolicyStatement[];
    },
  ) {
    super(scope, id);
    const { rights, ...calls } = props;
    new AwsCustomResource(this, 'Call', {
      ...calls,
      policy: AwsCustomResourcePolicy.fromStatements([...rights]),
      installLatestAwsSdk: false,
      logGroup: logGroup(this),
    });
    acknowledgeFunctions(Stack.of(this).node.findChild(sharedFunction));
    acknowledgeResources(this, 'The actions take no resource.');
  }
}

/** The function that empties buckets, which the CDK adds to the stack, gets a group as well. */
export function logEmptying(stack: Stack): void {
  const provider = stack.node.tryFindChild('Custom::S3AutoDeleteObjectsCustomResourceProvider');
  const handler = provider?.node.findChild('Handler') as CfnResource | undefined;
  handler?.addPropertyOverride('LoggingConfig', {
    LogGroup: logGroup(new Construct(stack, 'EmptyingLog')).logGroupName,
  });
}
