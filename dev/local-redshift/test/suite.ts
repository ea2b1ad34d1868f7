/** Hooks that start and stop one endpoint for all tests of a file. */
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { RedshiftCloud, succeed } from './cloud.ts';

export interface RedshiftSuite {
  /** Available while tests run. */
  readonly cloud: RedshiftCloud;
  readonly client: RedshiftDataClient;
}

/** Call once at the top of a file. */
export function useRedshift(): RedshiftSuite {
  let started: RedshiftSuite | undefined;
  const suite = (): RedshiftSuite => {
    if (started === undefined) throw new Error('the endpoint is available only while tests run');
    return started;
  };
  beforeAll(async () => {
    const cloud = await RedshiftCloud.start();
    await cloud.startEndpoint();
    started = { cloud, client: cloud.client() };
  });
  afterAll(async () => {
    expect(suite().cloud.bugs).toEqual([]);
    await suite().cloud[Symbol.asyncDispose]();
  });
  return {
    get cloud() {
      return suite().cloud;
    },
    get client() {
      return suite().client;
    },
  };
}

export const serde = String.raw`row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
  with serdeproperties ('separatorChar' = ',', 'quoteChar' = '"', 'escapeChar' = '\001')`;

export interface SpectrumSuite extends RedshiftSuite {
  /** A different table name and folder for each test. */
  readonly table: string;
  readonly folder: string;
  readonly createCsv: (columns: string, format?: string, properties?: string) => Promise<void>;
  readonly addPartition: (ds: string, at?: string) => Promise<unknown>;
}

/** The same with an external schema, `spectrum`. */
export function useSpectrum(): SpectrumSuite {
  const redshift = useRedshift();
  let number = 0;
  beforeAll(async () => {
    await succeed(
      redshift.client,
      `create external schema if not exists spectrum from data catalog database 'tests'
       iam_role 'arn:aws:iam::123456789012:role/spectrum' create external database if not exists`,
    );
  });
  beforeEach(() => {
    number += 1;
  });
  const table = () => `spectrum.t${number}`;
  const folder = () => `t${number}`;
  const address = (at: string) => redshift.cloud.address(`${folder()}/${at}`);
  return {
    get cloud() {
      return redshift.cloud;
    },
    get client() {
      return redshift.client;
    },
    get table() {
      return table();
    },
    get folder() {
      return folder();
    },
    createCsv: async (columns, format = serde, properties = '') => {
      await succeed(
        redshift.client,
        `create external table ${table()} (${columns}) partitioned by (ds date) ${format}
         stored as textfile location '${address('')}' ${properties}`,
      );
    },
    addPartition: (ds, at = ds) =>
      succeed(
        redshift.client,
        `alter table ${table()} add if not exists partition (ds = '${ds}') location '${address(`${at}/`)}'`,
      ),
  };
}
