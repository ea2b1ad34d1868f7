/** What the project has cost, by the tag `project`, as Cost Explorer tells. */
import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { projectTag } from '../parts.ts';
import type { Shell } from './shell.ts';

const dayLength = 86_400_000;

export interface Cost {
  readonly service: string;
  readonly amount: number;
}

/** The cost of each service in the last `days` days, the highest first; US dollars. */
async function costs(days: number, now: Date): Promise<readonly Cost[]> {
  // Cost Explorer has one endpoint, for all Regions.
  const client = new CostExplorerClient({ region: 'us-east-1' });
  const date = (time: number) => new Date(time).toISOString().slice(0, 10);
  const [Key, value] = projectTag;
  const sums = new Map<string, number>();
  let token: string | undefined;
  do {
    const { ResultsByTime = [], NextPageToken } = await attempt('ask Cost Explorer', () =>
      client.send(
        new GetCostAndUsageCommand({
          TimePeriod: {
            Start: date(now.getTime() - days * dayLength),
            // Exclusive.
            End: date(now.getTime() + dayLength),
          },
          Granularity: 'DAILY',
          Metrics: ['UnblendedCost'],
          Filter: { Tags: { Key, Values: [value] } },
          GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }],
          NextPageToken: token,
        }),
      ),
    );
    for (const { Keys: [service = ''] = [], Metrics } of ResultsByTime.flatMap(
      ({ Groups = [] }) => Groups,
    )) {
      const amount = Number(Metrics?.['UnblendedCost']?.Amount ?? 0);
      sums.set(service, (sums.get(service) ?? 0) + amount);
    }
    token = NextPageToken;
  } while (token !== undefined);
  return [...sums]
    .map(([service, amount]) => ({ service, amount }))
    .toSorted((a, b) => b.amount - a.amount);
}

/** Prints the cost of each service, and the sum. */
export async function cost(days: number, shell: Shell, now = new Date()): Promise<void> {
  const found = await costs(days, now);
  const sum = found.reduce((total, { amount }) => total + amount, 0);
  for (const { service, amount } of found)
    shell.print(`${amount.toFixed(2).padStart(9)}  ${service}`);
  shell.print(`${sum.toFixed(2).padStart(9)}  US dollars in ${String(days)} days`);
  if (found.length === 0) {
    shell.report(
      'Cost Explorer knows a cost a day later, and only once the tag project is activated as a cost allocation tag',
    );
  }
}
