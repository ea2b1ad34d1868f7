/** What a transient EMR cluster needs. The job starts and ends the clusters; here none runs. */
import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnSecurityConfiguration } from 'aws-cdk-lib/aws-emr';
import { CfnInstanceProfile, CfnServiceLinkedRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import { type ClusterPart, emrTag, type NetworkPart, type StoragePart } from '../parts.ts';
import { namesOf, roleOf } from '../roles.ts';

/** The service talks to the instances, and the primary instance to the service (EMR management guide, emr-man-sec-groups). */
const agentPort = 8443;
const servicePort = 9443;

export class ClusterStack extends Stack {
  readonly part: ClusterPart;

  constructor(
    scope: Construct,
    id: string,
    props: StackProps,
    context: Context,
    parts: { readonly storage: StoragePart; readonly network: NetworkPart },
  ) {
    super(scope, id, props);
    const names = namesOf(context, parts.storage);
    const instances = roleOf(this, 'emr-instances', names);
    const profile = new CfnInstanceProfile(this, 'InstanceProfile', { roles: [instances.ref] });
    const service = roleOf(this, 'emr-service', {
      ...names,
      emrInstanceRoleArn: instances.attrArn,
    });
    const groups = this.securityGroups(parts.network.vpcId);
    const configuration = new CfnSecurityConfiguration(this, 'SecurityConfiguration', {
      securityConfiguration: {
        EncryptionConfiguration: {
          EnableInTransitEncryption: false,
          EnableAtRestEncryption: true,
          AtRestEncryptionConfiguration: {
            S3EncryptionConfiguration:
              context.kmsKeyArn === undefined
                ? { EncryptionMode: 'SSE-S3' }
                : { EncryptionMode: 'SSE-KMS', AwsKmsKey: context.kmsKeyArn },
          },
        },
        InstanceMetadataServiceConfiguration: {
          MinimumInstanceMetadataServiceVersion: 2,
          HttpPutResponseHopLimit: 1,
        },
      },
    });
    if (context.emrServiceLinkedRole) {
      new CfnServiceLinkedRole(this, 'Cleanup', {
        awsServiceName: 'elasticmapreduce.amazonaws.com',
      });
    }
    this.part = {
      serviceRoleName: service.ref,
      serviceRoleArn: service.attrArn,
      instanceProfileName: profile.ref,
      instanceRoleArn: instances.attrArn,
      primarySecurityGroupId: groups.primary,
      coreSecurityGroupId: groups.core,
      serviceSecurityGroupId: groups.service,
      securityConfigurationName: configuration.ref,
    };
  }

  /**
   * All rules that EMR would add. It adds only what is missing, and CloudFormation cannot remove a group while a rule
   * that it does not know refers to it. The rules are resources of their own, so they go before the groups.
   */
  private securityGroups(vpcId: string): Record<'primary' | 'core' | 'service', string> {
    const group = (name: string, groupDescription: string) => {
      const made = new ec2.CfnSecurityGroup(this, name, {
        vpcId,
        groupDescription,
        // Else CloudFormation would let AWS add a rule that allows everything.
        securityGroupEgress: name === 'Service' ? noEgress : everywhere,
      });
      // The service may change a group only if it has the tag.
      Tags.of(made).add(...emrTag);
      return made.attrGroupId;
    };
    const primary = group('Primary', 'Primary instance of EMR clusters');
    const core = group('Core', 'Core instances of EMR clusters');
    const service = group(
      'Service',
      'Access of the EMR service to clusters without a public address',
    );
    const instances = { Primary: primary, Core: core };

    for (const [to, groupId] of Object.entries(instances)) {
      for (const [from, sourceSecurityGroupId] of Object.entries(instances)) {
        for (const [ipProtocol, ports] of Object.entries(everyPort)) {
          new ec2.CfnSecurityGroupIngress(this, `${from}To${to}-${ipProtocol}`, {
            groupId,
            sourceSecurityGroupId,
            ipProtocol,
            ...ports,
            description: 'Within the cluster',
          });
        }
      }
      const toAgent = { ipProtocol: 'tcp', fromPort: agentPort, toPort: agentPort };
      new ec2.CfnSecurityGroupIngress(this, `ServiceTo${to}`, {
        ...toAgent,
        groupId,
        sourceSecurityGroupId: service,
        description: 'Commands of the service',
      });
      new ec2.CfnSecurityGroupEgress(this, `ServiceFor${to}`, {
        ...toAgent,
        groupId: service,
        destinationSecurityGroupId: groupId,
        description: 'Commands of the service',
      });
    }
    new ec2.CfnSecurityGroupIngress(this, 'PrimaryToService', {
      groupId: service,
      sourceSecurityGroupId: primary,
      ipProtocol: 'tcp',
      fromPort: servicePort,
      toPort: servicePort,
      description: 'Reports to the service',
    });
    return { primary, core, service };
  }
}

const everywhere = [
  { ipProtocol: '-1', cidrIp: '0.0.0.0/0', description: 'S3 through its endpoint' },
];
const noEgress = [
  {
    ipProtocol: 'icmp',
    fromPort: 252,
    toPort: 86,
    cidrIp: '255.255.255.255/32',
    description: 'Nothing',
  },
];
const everyPort = {
  tcp: { fromPort: 0, toPort: 65535 },
  udp: { fromPort: 0, toPort: 65535 },
  icmp: { fromPort: -1, toPort: -1 },
};
