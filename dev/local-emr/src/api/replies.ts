/** Converts records to API replies. Times are epoch seconds; clients throw on ISO text. */
import type { ClusterRecord, StepRecord } from '../clusters/cluster.ts';

export const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

/** JSON omits undefined members, as EMR does. */
export function stepSummary(step: StepRecord): Record<string, unknown> {
  return {
    Id: step.id,
    Name: step.name,
    Config: {
      Jar: step.jar,
      Properties: step.properties,
      MainClass: step.mainClass,
      Args: step.args,
    },
    ActionOnFailure: step.actionOnFailure,
    Status: {
      State: step.state,
      StateChangeReason:
        step.stateMessage === undefined ? {} : { Code: 'NONE', Message: step.stateMessage },
      FailureDetails:
        step.failure === undefined
          ? undefined
          : {
              Reason: step.failure.reason,
              Message: step.failure.message,
              LogFile: step.failure.logFile,
            },
      Timeline: {
        CreationDateTime: seconds(step.createdAt),
        StartDateTime: seconds(step.startedAt),
        EndDateTime: seconds(step.endedAt),
      },
    },
  };
}

export const stepDetails = (step: StepRecord): Record<string, unknown> => ({
  ...stepSummary(step),
  ExecutionRoleArn: step.executionRoleArn,
});

export function clusterSummary(cluster: ClusterRecord, region: string): Record<string, unknown> {
  return {
    Id: cluster.id,
    Name: cluster.name,
    Status: {
      State: cluster.state,
      StateChangeReason: { Code: cluster.stateCode, Message: cluster.stateMessage },
      Timeline: {
        CreationDateTime: seconds(cluster.createdAt),
        ReadyDateTime: seconds(cluster.readyAt),
        EndDateTime: seconds(cluster.endedAt),
      },
    },
    NormalizedInstanceHours: 0,
    ClusterArn: clusterArn(cluster.id, region),
  };
}

export const clusterDetails = (
  cluster: ClusterRecord,
  region: string,
): Record<string, unknown> => ({
  ...clusterSummary(cluster, region),
  Ec2InstanceAttributes: {},
  Configurations: [],
  ...cluster.shown,
  InstanceCollectionType:
    cluster.instances.fleets === undefined ? 'INSTANCE_GROUP' : 'INSTANCE_FLEET',
  LogUri: cluster.logUri,
  ReleaseLabel: cluster.releaseLabel,
  AutoTerminate: !cluster.keepAlive,
  TerminationProtected: cluster.terminationProtected,
  VisibleToAllUsers: cluster.visibleToAllUsers,
  Applications: cluster.applications.map((Name) => ({ Name })),
  Tags: cluster.tags,
  ServiceRole: cluster.serviceRole,
  MasterPublicDnsName: 'localhost',
  StepConcurrencyLevel: cluster.stepConcurrencyLevel,
});

export const clusterArn = (id: string, region: string): string =>
  `arn:aws:elasticmapreduce:${region}:000000000000:cluster/${id}`;
