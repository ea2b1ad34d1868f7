/** docs/benchmarks.md and its plots, from what was kept of each section. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytes, count, seconds, times } from './figures.ts';
import { markdownTable } from './markdown-table.ts';
import { barPlot, linePlot } from './plot.ts';
import { type Entry, keptResults, type Result } from '../result.ts';
import type { Section } from '../settings.ts';
import { median, range, ratio } from '../measure/statistics.ts';

const titles: Readonly<Record<Section, readonly [title: string, text: string]>> = {
  big: [
    'A big day',
    'One ds that holds a large part of a large table, from Postgres to S3. The ratio is to `psql` writing the same COPY to /dev/null.',
  ],
  small: [
    'A small day',
    'One day of the shop (2010-12-01), whole processes: most of it is their start.',
  ],
  spark: [
    'Cleaning',
    'The ratio is to the script as one would write it first, by `spark-submit` with its defaults. The time of emr-clean includes the copies between S3 and HDFS and all its checks.',
  ],
  backfill: ['The whole history', 'All 374 days, from an empty bucket and an empty warehouse.'],
  growth: ['Growth', 'How time and memory grow with the data.'],
};

/** Writes the page and an SVG for each plot. */
export async function writeReport(results: string, docs: string): Promise<void> {
  const kept = await keptResults(results);
  const folder = join(docs, 'benchmarks');
  await mkdir(folder, { recursive: true });
  const parts: string[] = [head];
  for (const [section, result] of kept) {
    const [title, text] = titles[section];
    parts.push(`## ${title}`, text, sectionTable(result));
    for (const [name, svg] of plots(section, result)) {
      await writeFile(join(folder, `${name}.svg`), svg);
      parts.push(`![${title}](benchmarks/${name}.svg)`);
    }
    parts.push(...busy(result.machine), ...result.notes, circumstances(result));
  }
  await writeFile(join(docs, 'benchmarks.md'), `${parts.join('\n\n')}\n`);
}

const head = `# Benchmarks

Made by \`make -C infra bench\`; [dev/bench](../dev/bench/README.md) tells how it measures.
Figures are medians, in brackets the smallest and the largest. CPU is user and system time of the client
and all its children, server CPU that of the server that works for it (PostgreSQL; for cleaning the local
EMR with its Spark). Memory is the peak of the whole process tree. _Same CSV_ tells whether the rows are,
byte for byte, what PostgreSQL's COPY writes, whatever their order.`;

/** The base of the ratios: the first contender that is not ours, of the same size. */
function baseOf(entries: readonly Entry[], entry: Entry): Entry | undefined {
  return entries.find(({ kind, size }) => kind !== 'ours' && size === entry.size);
}

function sectionTable({ entries, section }: Result): string {
  const sized = entries.some(({ size }) => size !== undefined);
  const columns = [
    ['way', 'left'],
    ...(sized ? [[section === 'growth' ? 'rows or days' : 'days', 'right'] as const] : []),
    ['ratio', 'right'],
    ['time, s', 'right'],
    ['CPU, s', 'right'],
    ['server CPU, s', 'right'],
    ['memory', 'right'],
    ['rows', 'right'],
    ['same CSV', 'left'],
    ['runs', 'right'],
  ] as const;
  return markdownTable(
    columns,
    entries.map((entry) => {
      const walls = entry.runs.map(({ wall }) => wall);
      const base = baseOf(entries, entry);
      const of = (name: 'cpu' | 'memory' | 'serverCpu', show: (value: number) => string) => {
        const values = entry.runs.flatMap((run) => run[name] ?? []);
        return values.length === 0 ? '' : show(median(values));
      };
      return [
        entry.kind === 'ours' ? `**${entry.name}**` : entry.name,
        ...(sized ? [entry.size === undefined ? '' : count(entry.size)] : []),
        times(
          ratio(
            walls,
            base?.runs.map(({ wall }) => wall),
          ),
        ),
        `${seconds(median(walls))} (${range(walls).map(seconds).join('–')})`,
        of('cpu', seconds),
        of('serverCpu', seconds),
        of('memory', bytes),
        entry.rows === undefined ? '' : count(entry.rows),
        `${entry.sameAsPostgres === undefined ? '' : entry.sameAsPostgres ? 'yes' : 'no'}${entry.note === undefined ? '' : `: ${entry.note}`}`,
        String(entry.runs.length),
      ];
    }),
  );
}

function plots(section: Section, { entries }: Result): readonly (readonly [string, string])[] {
  const walls = (entry: Entry) => median(entry.runs.map(({ wall }) => wall));
  if (section === 'growth') {
    const memory = (entry: Entry) => median(entry.runs.map((run) => run.memory ?? 0)) / 1e6;
    const extracts = entries.filter(({ name }) => !name.startsWith('redshift-load'));
    const loads = entries.filter(({ name }) => name.startsWith('redshift-load'));
    return [
      [
        'growth-time',
        linePlot('Extraction: time', { x: 'rows of the day', y: 's' }, lines(extracts, walls)),
      ],
      [
        'growth-memory',
        linePlot(
          'Extraction: peak memory',
          { x: 'rows of the day', y: 'MB' },
          lines(extracts, memory),
        ),
      ],
      ...(loads.length === 0
        ? []
        : [
            [
              'growth-load',
              linePlot('Load of one day', { x: 'days loaded before', y: 's' }, lines(loads, walls)),
            ] as const,
          ]),
    ];
  }
  const bars = entries.map((entry) => ({
    name: entry.name,
    value: walls(entry),
    label: `${seconds(walls(entry))} s`,
    kind: entry.kind,
  }));
  return [[section, barPlot(`${titles[section][0]}: seconds, logarithmic`, bars)]];
}

function lines(entries: readonly Entry[], value: (entry: Entry) => number) {
  return [...new Set(entries.map(({ name }) => name))].map((name) => ({
    name,
    points: entries
      .filter((entry) => entry.name === name)
      .map((entry) => [entry.size ?? 1, value(entry)] as const),
  }));
}

/** Ratios and times of a machine that had other work are no figures to quote. */
function busy(machine: Result['machine']): readonly string[] {
  const load = Number(machine['load before']?.split(' ')[0] ?? 0);
  const processors = Number.parseInt(machine['processor'] ?? '1', 10);
  if (load <= processors / 2) return [];
  return [
    `**The machine was busy (load ${String(load)} on ${String(processors)} processors): times and ratios here are no figures to quote.**`,
  ];
}

function circumstances({ date, machine, versions, settings }: Result): string {
  const list = (values: Readonly<Record<string, string>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return `_${date}. ${list(machine)}. ${list(settings)}. ${list(versions)}._`;
}
