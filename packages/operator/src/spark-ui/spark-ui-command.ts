/** `operator spark-ui`: the link to Spark's history server, for a day or for the standing cluster. */
import { type Ds, parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { clientSettings, createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Argv } from 'yargs';
import { clusterConfiguration } from '../config.ts';
import { readRunRecords } from '../facts/run-records.ts';
import type { Shell } from '../shell.ts';
import { requireLocalCloud } from '../world/world.ts';
import type { SparkApplication } from './persistent-ui.ts';
import { recordedApplication } from './recorded-application.ts';

export function sparkUiCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'spark-ui',
    'print the link to the Spark UI of a day, or of the cluster that EMR_CLUSTER_ID names',
    (options) => options.option('ds', { type: 'string', describe: 'the day' }),
    async ({ ds }) => {
      const day = ds === undefined ? undefined : parseDs(ds, shell.optionName('ds'));
      await requireLocalCloud(shell.env);
      shell.print(await sparkUi(day, shell));
    },
  );
}

type Configuration = ReturnType<typeof clusterConfiguration>;

async function sparkUi(ds: Ds | undefined, shell: Shell): Promise<string> {
  const configuration = clusterConfiguration(shell.env);
  const signal = shell.stopSignal();
  const of =
    ds === undefined
      ? standingCluster(configuration, shell)
      : await ofDay(ds, configuration, shell);
  // Other commands need not load the client.
  const { EMRClient } = await import('@aws-sdk/client-emr');
  const { linkTo, timesOf } = await import('./persistent-ui.ts');
  const { AWS_REGION, AWS_ENDPOINT_URL_EMR } = configuration;
  const emr = new EMRClient(clientSettings(AWS_REGION, AWS_ENDPOINT_URL_EMR));
  try {
    const link = await linkTo(emr, of, { signal });
    const { stepId } = of;
    if (of.applicationId === undefined && stepId !== undefined) {
      // The link is worth more than the time, for which another right is needed.
      const times = await timesOf(emr, { ...of, stepId }, { signal }).catch(() => ({}));
      shell.report(tellStep(ds ?? '', stepId, times));
    }
    return link;
  } finally {
    emr.destroy();
  }
}

interface Shown extends SparkApplication {
  readonly stepId?: string | undefined;
}

function standingCluster({ EMR_CLUSTER_ID }: Configuration, shell: Shell): Shown {
  if (EMR_CLUSTER_ID !== undefined) return { clusterId: EMR_CLUSTER_ID };
  const ds = shell.optionName('ds');
  throw new Failure(
    'usage',
    `${ds} is missing: without EMR_CLUSTER_ID, each run has its own cluster`,
    { action: `name a day, e.g. ${ds}=2010-12-01` },
  );
}

async function ofDay(ds: Ds, configuration: Configuration, shell: Shell): Promise<Shown> {
  const s3 = createS3Client(configuration);
  const where = { s3, bucket: configuration.PIPELINE_BUCKET };
  const day = { from: ds, to: ds };
  const records = await readRunRecords(where, day, shell.report).finally(() => {
    s3.destroy();
  });
  const found = recordedApplication(records, ds);
  if (found !== undefined) return found;
  throw new Failure('data', `no run record of emr-clean names a cluster for ${ds}`, {
    action: 'run the day; records are kept for KEEP_RECORDS, and by releases that write them',
  });
}

function tellStep(
  ds: string,
  stepId: string,
  { started, ended }: { readonly started?: Date | undefined; readonly ended?: Date | undefined },
): string {
  const when =
    started === undefined
      ? ''
      : `, from ${started.toISOString()} to ${ended?.toISOString() ?? 'now'}`;
  return `spark-ui: EMR does not tell which application cleaned ${ds}: take the one that ran within step ${stepId}${when}`;
}
