/** The instances that a request names. All of them are this machine, so they cost nothing and are there at once. */
import { createHash } from 'node:crypto';
import * as z from 'zod';

const role = z.enum(['MASTER', 'CORE', 'TASK']);
const market = z.enum(['ON_DEMAND', 'SPOT']);

const instanceType = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'Instance type is not supported, e.g. m5.xlarge is');

const group = z.object({
  Name: z.string().optional(),
  Market: market.default('ON_DEMAND'),
  InstanceRole: role,
  BidPrice: z.string().optional(),
  InstanceType: instanceType,
  InstanceCount: z.number().int().min(1),
  Configurations: z.array(z.unknown()).optional(),
  CustomAmiId: z.string().optional(),
});

const fleet = z.object({
  Name: z.string().optional(),
  InstanceFleetType: role,
  TargetOnDemandCapacity: z.number().default(0),
  TargetSpotCapacity: z.number().default(0),
  InstanceTypeConfigs: z
    .array(
      z.object({
        InstanceType: instanceType,
        WeightedCapacity: z.number().int().min(1).default(1),
        BidPrice: z.string().optional(),
      }),
    )
    .min(1),
  LaunchSpecifications: z.unknown().optional(),
});

/** What a cluster record keeps: a group or fleet as it was requested, with its id. */
export const instanceCollections = z.object({
  groups: z.array(group.extend({ id: z.string() })).optional(),
  fleets: z.array(fleet.extend({ id: z.string() })).optional(),
});
export type InstanceCollections = Readonly<z.output<typeof instanceCollections>>;

const uniform = ['MasterInstanceType', 'SlaveInstanceType', 'InstanceCount'] as const;

/** RunJobFlow's Instances. Three ways to ask for machines exclude each other; without any there is one machine. */
export const instanceRequest = z
  .object({
    KeepJobFlowAliveWhenNoSteps: z.boolean().default(false),
    TerminationProtected: z.boolean().default(false),
    MasterInstanceType: instanceType.optional(),
    SlaveInstanceType: instanceType.optional(),
    InstanceCount: z.number().int().min(1).optional(),
    InstanceGroups: z.array(group).optional(),
    InstanceFleets: z.array(fleet).optional(),
    Ec2KeyName: z.string().optional(),
    Ec2SubnetId: z.string().optional(),
    Ec2SubnetIds: z.array(z.string()).optional(),
    Placement: z.object({ AvailabilityZone: z.string().optional() }).optional(),
    EmrManagedMasterSecurityGroup: z.string().optional(),
    EmrManagedSlaveSecurityGroup: z.string().optional(),
    ServiceAccessSecurityGroup: z.string().optional(),
    AdditionalMasterSecurityGroups: z.array(z.string()).optional(),
    AdditionalSlaveSecurityGroups: z.array(z.string()).optional(),
  })
  .check((context) => {
    for (const message of requestFaults(context.value)) {
      context.issues.push({ code: 'custom', message, input: context.value });
    }
  });
type InstanceRequest = z.output<typeof instanceRequest>;

function requestFaults(request: Omit<InstanceRequest, never>): string[] {
  const { InstanceGroups: groups, InstanceFleets: fleets, InstanceCount: count } = request;
  const ways = [groups, fleets, uniform.find((name) => request[name] !== undefined)];
  const faults: string[] = [];
  if (ways.filter((way) => way !== undefined).length > 1) {
    faults.push(`give one of InstanceGroups, InstanceFleets, and ${uniform.join(', ')}`);
  }
  if ((count ?? 1) > 1 && request.SlaveInstanceType === undefined) {
    faults.push('an InstanceCount of more than 1 needs a SlaveInstanceType');
  }
  if (groups !== undefined) {
    faults.push(
      ...roleFaults(
        groups.map(({ InstanceRole }) => InstanceRole),
        48,
      ),
    );
    const masters = groups.find(({ InstanceRole }) => InstanceRole === 'MASTER')?.InstanceCount;
    if (masters !== undefined && masters !== 1 && masters !== 3) {
      faults.push('the MASTER instance group has 1 instance or 3');
    }
  }
  if (fleets !== undefined) {
    faults.push(
      ...roleFaults(
        fleets.map(({ InstanceFleetType }) => InstanceFleetType),
        1,
      ),
    );
    for (const { InstanceFleetType, TargetOnDemandCapacity, TargetSpotCapacity } of fleets) {
      const capacity = TargetOnDemandCapacity + TargetSpotCapacity;
      // API model, InstanceFleetConfig.
      if (InstanceFleetType === 'MASTER' ? capacity !== 1 : capacity === 0) {
        faults.push(
          `the ${InstanceFleetType} instance fleet needs a target capacity${InstanceFleetType === 'MASTER' ? ' of 1' : ''}`,
        );
      }
    }
  }
  const primary = request.EmrManagedMasterSecurityGroup;
  const core = request.EmrManagedSlaveSecurityGroup;
  // API model, JobFlowInstancesConfig; EMRMG/emr-man-sec-groups.
  if ((primary === undefined) !== (core === undefined)) {
    faults.push(
      'EmrManagedMasterSecurityGroup and EmrManagedSlaveSecurityGroup must be given together',
    );
  }
  if (request.ServiceAccessSecurityGroup !== undefined && primary === undefined) {
    faults.push(
      'a ServiceAccessSecurityGroup needs EmrManagedMasterSecurityGroup and EmrManagedSlaveSecurityGroup',
    );
  }
  const subnets = request.Ec2SubnetIds ?? [];
  if (subnets.length > 0 && request.Ec2SubnetId !== undefined) {
    faults.push('give Ec2SubnetId or Ec2SubnetIds');
  }
  // API model, Ec2SubnetIds.
  if (subnets.length > 1 && fleets === undefined) {
    faults.push('several Ec2SubnetIds need InstanceFleets');
  }
  return faults;
}

function roleFaults(roles: readonly z.output<typeof role>[], tasks: number): string[] {
  const count = (wanted: string): number => roles.filter((one) => one === wanted).length;
  return [
    ...(count('MASTER') === 1 ? [] : ['there must be one MASTER']),
    ...(count('CORE') <= 1 ? [] : ['there may be only one CORE']),
    ...(count('TASK') <= tasks ? [] : [`there may be at most ${tasks} TASK`]),
  ];
}

/** The groups or fleets of a new cluster. */
export function collectionsOf(clusterId: string, request: InstanceRequest): InstanceCollections {
  const { InstanceGroups, InstanceFleets, MasterInstanceType, SlaveInstanceType } = request;
  const id = (kind: string, index: number): string => `${kind}-${hash(clusterId, kind, index)}`;
  if (InstanceFleets !== undefined) {
    return { fleets: InstanceFleets.map((one, index) => ({ ...one, id: id('if', index) })) };
  }
  const master = MasterInstanceType ?? SlaveInstanceType ?? 'm5.xlarge';
  const Market = 'ON_DEMAND' as const;
  const cores = (request.InstanceCount ?? 1) - 1;
  const groups = InstanceGroups ?? [
    { InstanceRole: 'MASTER' as const, InstanceType: master, InstanceCount: 1, Market },
    ...(cores === 0
      ? []
      : [
          {
            InstanceRole: 'CORE' as const,
            InstanceType: SlaveInstanceType ?? master,
            InstanceCount: cores,
            Market,
          },
        ]),
  ];
  return { groups: groups.map((one, index) => ({ ...one, id: id('ig', index) })) };
}

interface Instance {
  readonly id: string;
  readonly ec2Id: string;
  readonly collectionId: string;
  readonly role: z.output<typeof role>;
  readonly type: string;
  readonly market: z.output<typeof market>;
}

/** Every instance. A fleet takes the first of its types. */
export function instancesOf({ groups = [], fleets = [] }: InstanceCollections): Instance[] {
  return [
    ...groups.flatMap(({ id, InstanceRole, InstanceType, InstanceCount, Market }) =>
      numbered(InstanceCount, { collectionId: id, role: InstanceRole, type: InstanceType }, Market),
    ),
    ...fleets.flatMap((one) => {
      const { InstanceType: type, WeightedCapacity: weight } = one.InstanceTypeConfigs[0] ?? {
        InstanceType: '',
        WeightedCapacity: 1,
      };
      const place = { collectionId: one.id, role: one.InstanceFleetType, type };
      const machines = (capacity: number): number => Math.ceil(capacity / weight);
      return [
        ...numbered(machines(one.TargetOnDemandCapacity), place, 'ON_DEMAND'),
        ...numbered(machines(one.TargetSpotCapacity), place, 'SPOT'),
      ];
    }),
  ];
}

function numbered(
  count: number,
  place: Pick<Instance, 'collectionId' | 'role' | 'type'>,
  market: Instance['market'],
): Instance[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `ci-${hash(place.collectionId, market, index)}`,
    ec2Id: `i-${hash(place.collectionId, market, index).toLowerCase().padStart(17, '0')}`,
    ...place,
    market,
  }));
}

/** Stable, so that ids survive a restart. */
const hash = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 13).toUpperCase();
