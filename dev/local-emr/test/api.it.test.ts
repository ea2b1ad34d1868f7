/** The EMR endpoint as AWS clients see it, with fast steps only. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  DescribeClusterCommand,
  ListStepsCommand,
  RunJobFlowCommand,
  type EMRClient,
} from '@aws-sdk/client-emr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterId as sharedCluster } from '@user-behaviour/local-cloud/environment';
import { defaultPython } from '@user-behaviour/local-cloud/installation';
import { EmrCloud, addSteps, clusterState, commandStep, endOf } from './cloud.ts';

let cloud: EmrCloud;
let client: EMRClient;

beforeAll(async () => {
  cloud = await EmrCloud.start();
  await cloud.startEndpoint();
  client = cloud.client();
});

afterAll(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

describe('the EMR endpoint', () => {
  it('terminates a transient cluster after its steps', async () => {
    await cloud.put('one/a.txt', 'a');
    const { JobFlowId = '' } = await client.send(
      new RunJobFlowCommand({
        Name: 'one job',
        Instances: { KeepJobFlowAliveWhenNoSteps: false },
        Steps: [
          commandStep('copy', ['s3-dist-cp', '--src', cloud.address('one'), '--dest', '/one']),
        ],
      }),
    );
    await expect
      .poll(() => clusterState(client, JobFlowId), { timeout: 20_000 })
      .toBe('TERMINATED');
    const { Cluster } = await client.send(new DescribeClusterCommand({ ClusterId: JobFlowId }));
    expect(Cluster?.Status?.StateChangeReason).toEqual({
      Code: 'ALL_STEPS_COMPLETED',
      Message: 'Steps completed',
    });
    expect(await readFile(join(cloud.options.hdfsDir, 'one/a.txt'), 'utf8')).toBe('a');
  });

  it('keeps steps whose reply was lost', async () => {
    await cloud.fault({ kind: 'lose-reply', operation: 'AddJobFlowSteps' });
    const step = commandStep('lost', [
      's3-dist-cp',
      '--src',
      cloud.address('none/'),
      '--dest',
      '/x',
    ]);
    await expect(addSteps(client, [step])).rejects.toThrow();
    const { Steps } = await client.send(new ListStepsCommand({ ClusterId: sharedCluster }));
    expect(Steps?.filter(({ Name }) => Name === 'lost')).toHaveLength(1);
  });

  it('works with boto3', async () => {
    await cloud.put('boto/a.txt', 'a');
    const steps = [
      commandStep('good', ['s3-dist-cp', '--src', cloud.address('boto'), '--dest', '/boto']),
      commandStep('bad', ['s3-dist-cp', '--src', cloud.address('none'), '--dest', '/boto']),
    ];
    const [good = '', bad = ''] = await addSteps(client, steps);
    await endOf(client, bad);
    const script = `
import boto3, json, sys
url, cluster, good, bad = sys.argv[1:]
emr = boto3.client("emr", endpoint_url=url, region_name="us-east-1")
pages = emr.get_paginator("list_steps").paginate(ClusterId=cluster)
names = [step["Name"] for page in pages for step in page["Steps"]]
emr.get_waiter("step_complete").wait(ClusterId=cluster, StepId=good)
status = emr.describe_step(ClusterId=cluster, StepId=bad)["Step"]["Status"]
assert status["Timeline"]["EndDateTime"] >= status["Timeline"]["CreationDateTime"]
assert [g["InstanceGroupType"] for g in emr.list_instance_groups(ClusterId=cluster)["InstanceGroups"]] == ["MASTER"]
assert emr.get_paginator("list_instances").paginate(ClusterId=cluster).build_full_result()["Instances"][0]["Status"]["State"] == "RUNNING"
emr.add_tags(ResourceId=cluster, Tags=[{"Key": "project", "Value": "x"}])
assert emr.describe_cluster(ClusterId=cluster)["Cluster"]["Tags"] == [{"Key": "project", "Value": "x"}]
emr.remove_tags(ResourceId=cluster, TagKeys=["project"])
assert emr.list_bootstrap_actions(ClusterId=cluster)["BootstrapActions"] == []
try:
    emr.describe_cluster(ClusterId="j-NONE")
except emr.exceptions.InvalidRequestException as error:
    refused = error.response["Error"]["Message"]
    assert error.response["ErrorCode"] == "InvalidRequest", error.response
try:
    emr.create_security_configuration(Name="x", SecurityConfiguration="{}")
except emr.exceptions.ClientError as error:
    assert error.response["Error"]["Code"] == "UnknownOperationException", error.response
print(json.dumps([names[:2], status["State"], status["FailureDetails"]["Reason"],
                  emr.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"], refused]))
`;
    const { stdout } = await promisify(execFile)(
      defaultPython,
      ['-c', script, cloud.url, sharedCluster, good, bad],
      { env: cloud.variables },
    );
    expect(JSON.parse(stdout)).toEqual([
      ['bad', 'good'],
      'FAILED',
      's3-dist-cp failed',
      'WAITING',
      "Cluster id 'j-NONE' is not valid.",
    ]);
  });
});
