/** A check as metrics for the textfile collector of Prometheus's node exporter. Pure. */
import { endOfDay } from '@user-behaviour/shared/ds';
import { errorNames } from './finding.ts';
import type { Health } from './health.ts';
import { ruleNames } from './quality-rules.ts';

/** The states of a day that `status` knows. */
const states = [
  'loaded',
  'missing',
  'incomplete',
  'not loaded',
  'stale',
  'other SQL',
  'partial',
  'damaged',
  'failed',
] as const;

/** Every state and finding has a line, also those that no day has, so that an alert sees it end. */
export function prometheusText({ checkedAt, days, findings }: Health): string {
  const all = new Set([...states, ...days.map(({ state }) => state)]);
  const known = [
    ...errorNames.map((name) => ['error', name] as const),
    ...ruleNames().map((name) => ['warning', name] as const),
  ];
  const lastLoaded = days.findLast(({ state }) => usable.includes(state));
  return [
    ...metric('day_states', 'The days that were looked at, by state.', [
      ...[...all].map((state): Sample => [
        { state },
        days.filter((day) => day.state === state).length,
      ]),
    ]),
    ...metric('findings', 'What is wrong or odd about these days, by name.', [
      ...known.map(([level, name]): Sample => [
        { level, finding: name },
        findings.filter(({ finding }) => finding === name).length,
      ]),
    ]),
    ...(lastLoaded === undefined
      ? []
      : metric('loaded_until_timestamp_seconds', 'End of the last day that is loaded.', [
          [{}, endOfDay(lastLoaded.ds).getTime() / 1_000],
        ])),
    ...metric('health_check_timestamp_seconds', 'When this was found out.', [
      [{}, Math.floor(checkedAt.getTime() / 1_000)],
    ]),
    '',
  ].join('\n');
}

/** States in which the metric of a day is there. */
const usable: readonly string[] = ['loaded', 'stale', 'other SQL', 'partial'];

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

function metric(name: string, help: string, samples: readonly Sample[]): string[] {
  const full = `user_behaviour_${name}`;
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} gauge`,
    ...samples.map(([labels, value]) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      const braces = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
      return `${full}${braces} ${String(value)}`;
    }),
  ];
}
