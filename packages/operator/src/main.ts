/** The operator's commands; infra/Makefile calls them. */
import { readConfiguration } from '@user-behaviour/shared/config';
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import yargs from 'yargs';
import { variables } from './config.ts';
import { parseRunner } from './job-command.ts';
import { pipelineTable, pipelineVerdict, runPipeline } from './pipeline.ts';
import { reportDay } from './report.ts';
import { readStatus, statusTable } from './status.ts';
import { formatTable } from './table.ts';
import { queryWarehouse } from './warehouse-query.ts';

const tell = (line: string) => void process.stderr.write(`${line}\n`);
const print = (text: string) => void process.stdout.write(`${text}\n`);

interface Range {
  readonly from: string;
  readonly to: string;
  readonly jobs: number;
  readonly retries: number;
  readonly retryDelay: number;
}

async function run(range: Range, passOn: readonly string[]): Promise<number> {
  const days = dsRange(parseDs(range.from, 'FROM'), parseDs(range.to, 'TO'));
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stopping.abort();
    });
  }
  const result = await runPipeline({
    runner: parseRunner(process.env['RUNNER']),
    days,
    parallel: range.jobs,
    retries: range.retries,
    retryDelay: range.retryDelay * 1_000,
    passOn: [`--log-format=${process.env['LOG_FORMAT'] === 'json' ? 'json' : 'pretty'}`, ...passOn],
    signal: stopping.signal,
    tell,
  });
  const { exit, failed } = pipelineVerdict(days, result);
  print(pipelineTable(days, result));
  if (exit !== 0) tell(`failed: ${failed.join(', ')}`);
  return exit;
}

const retryOptions = {
  retries: { type: 'number', default: 2, describe: 'how often a job is tried again' },
  'retry-delay': { type: 'number', default: 5, describe: 'seconds before the first retry' },
} as const;

async function main(): Promise<number> {
  let exit = 0;
  await yargs(process.argv.slice(2))
    .scriptName('operator')
    .command(
      'run',
      'one day, all four jobs',
      (cli) =>
        cli
          .option('ds', { type: 'string', demandOption: true })
          .option('wait', { type: 'string', describe: 'wait for upstreams, e.g. 30m' })
          .options(retryOptions),
      async ({ ds, wait, retries, retryDelay }) => {
        const range = { from: parseDs(ds, 'DS'), to: ds, jobs: 1, retries, retryDelay };
        exit = await run(range, wait === undefined ? [] : [`--wait=${wait}`]);
      },
    )
    .command(
      'backfill',
      'every day of a range, one process a job',
      (cli) =>
        cli
          .option('from', { type: 'string', demandOption: true })
          .option('to', { type: 'string', demandOption: true })
          .option('jobs', { type: 'number', default: 4, describe: 'days at a time' })
          .options(retryOptions),
      async (range) => {
        exit = await run(range, []);
      },
    )
    .command(
      'status',
      'what is there for each day',
      (cli) => cli.option('from', { type: 'string' }).option('to', { type: 'string' }),
      async ({ from, to }) => {
        const first = from === undefined ? undefined : parseDs(from, 'FROM');
        const last = to === undefined ? undefined : parseDs(to, 'TO');
        const wanted = first !== undefined && last !== undefined ? dsRange(first, last) : undefined;
        const configuration = readConfiguration(variables, process.env);
        const days = await readStatus(configuration, first, last, wanted);
        print(days.length === 0 ? 'nothing has been run yet' : statusTable(days, new Date()));
      },
    )
    .command(
      'report',
      'the metric of one day and where it lies',
      (cli) => cli.option('ds', { type: 'string', demandOption: true }),
      async ({ ds }) => {
        const day = parseDs(ds, 'DS');
        const configuration = readConfiguration(variables, process.env);
        const [status] = await readStatus(configuration, day, day, [day]);
        print(await reportDay(day, status, configuration));
      },
    )
    .command(
      'query',
      'run SQL on the warehouse',
      (cli) => cli.option('sql', { type: 'string', demandOption: true }),
      async ({ sql }) => {
        const { columns, rows } = await queryWarehouse(
          readConfiguration(variables, process.env),
          sql,
        );
        print(columns.length === 0 ? 'done' : formatTable(columns, rows));
      },
    )
    .demandCommand(1, 'name a command')
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof Failure ? error : new Failure('usage', message || error.message);
    })
    .parseAsync();
  return exit;
}

try {
  process.exitCode = await main();
} catch (error) {
  const failure = asFailure(error);
  tell(`operator: ${failure.message}\n${failure.action}`);
  process.exitCode = failure.exit;
}
