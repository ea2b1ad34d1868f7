/** A VPC without a NAT gateway: tasks have public addresses and no ingress, and data has no route out. */
import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import { acknowledge } from '../findings.ts';
import { emrTag, type NetworkPart } from '../parts.ts';

export class NetworkStack extends Stack {
  readonly part: NetworkPart;
  private readonly zones: readonly string[];

  constructor(scope: Construct, id: string, props: StackProps, context: Context) {
    super(scope, id, props);
    this.zones = context.zones;
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.71.0.0/16'),
      availabilityZones: [...this.zones],
      natGateways: 0,
      subnetConfiguration: [
        { name: 'jobs', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
        { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { s3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
      restrictDefaultSecurityGroup: false,
    });
    acknowledge(
      vpc,
      'AwsSolutions-VPC7',
      'Flow logs cost more than the pipeline; no group of the VPC admits anything from outside.',
    );
    acknowledge(
      vpc,
      'CloudFormation-Validate::W3010',
      'Without names, the command-line tool would have to ask the account.',
    );
    const tasks = new ec2.SecurityGroup(this, 'Tasks', {
      vpc,
      description: 'Tasks of the jobs: nothing comes in',
      allowAllOutbound: true,
    });
    // EMR starts clusters only in a VPC and subnets that have the tag.
    Tags.of(vpc).add(...emrTag, { includeResourceTypes: ['AWS::EC2::VPC', 'AWS::EC2::Subnet'] });

    this.part = {
      vpcId: vpc.vpcId,
      availabilityZones: [...this.zones],
      jobSubnetIds: vpc.publicSubnets.map(({ subnetId }) => subnetId),
      dataSubnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
      taskSecurityGroupId: tasks.securityGroupId,
    };
  }

  /** Without it, CDK would ask the account. */
  override get availabilityZones(): string[] {
    return [...this.zones];
  }
}
