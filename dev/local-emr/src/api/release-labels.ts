/** The release labels of EMR. All of them run the same Spark here. */
import type { Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { parseRequest, wrongInput, type OperationName } from './model.ts';
import { page } from './paging.ts';
import * as requests from './requests.ts';

/** The releases of each line, newest first (EMRRG/emr-release-components). */
const minors: readonly (readonly [line: number, newest: number])[] = [
  [7, 14],
  [6, 15],
  [5, 36],
];
const patches = [
  ...['emr-6.11.1', 'emr-6.10.1', 'emr-6.9.1', 'emr-6.8.1', 'emr-6.3.1', 'emr-6.2.1', 'emr-6.1.1'],
  ...['emr-5.36.2', 'emr-5.36.1', 'emr-5.33.1', 'emr-5.32.1', 'emr-5.30.2', 'emr-5.30.1'],
];
const labels = [
  ...minors.flatMap(([line, newest]) =>
    Array.from({ length: newest + 1 }, (_, index) => `emr-${line}.${newest - index}.0`),
  ),
  ...patches,
].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));

/** What runs here, whatever the label is. */
const applications = [
  { Name: 'Hadoop', Version: '3.3.4' },
  { Name: 'Spark', Version: '3.5.6' },
];

export const isRelease = (label: string): boolean => labels.includes(label);

export const releaseOperations: Record<string, Operation> = {
  ListReleaseLabels: (input) => {
    const operation = 'ListReleaseLabels';
    const request = parseRequest(operation, requests.listReleaseLabels, input);
    const { Prefix = '', Application } = request.Filters ?? {};
    const [name = '', version] = Application?.split('-') ?? [];
    const isThere =
      Application === undefined ||
      applications.some(
        ({ Name, Version }) =>
          Name.toLowerCase() === name.toLowerCase() && (version ?? Version) === Version,
      );
    const { items, marker } = page(
      labels.map((id) => ({ id })),
      ({ id }) => isThere && id.startsWith(Prefix),
      { operation, marker: request.NextToken, size: request.MaxResults },
    );
    return { ReleaseLabels: items.map(({ id }) => id), NextToken: marker };
  },

  DescribeReleaseLabel: (input) => {
    const operation: OperationName = 'DescribeReleaseLabel';
    const request = parseRequest(operation, requests.describeReleaseLabel, input);
    const { ReleaseLabel: label = labels[0] ?? '' } = request;
    if (!isRelease(label)) throw wrongInput(operation, `Release label '${label}' is not valid.`);
    const { items, marker } = page(
      applications.map((one) => ({ id: one.Name, ...one })),
      () => true,
      { operation, marker: request.NextToken, size: request.MaxResults },
    );
    return {
      ReleaseLabel: label,
      Applications: items.map(({ Name, Version }) => ({ Name, Version })),
      AvailableOSReleases: [],
      NextToken: marker,
    };
  },
};
