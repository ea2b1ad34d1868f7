import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { daysFrom, type Ds, parseDs } from '@user-behaviour/shared/ds';
import { jobs } from '@user-behaviour/shared/pipeline';
import type * as Journals from '../journal/journal.ts';
import { listCommands } from '../journal/read-journals.ts';
import { fakeTerminal } from '../../test/fake-terminal.ts';
import { optionNames } from '../command-line/option-names.ts';
import { render } from '../output.ts';
import type { Shell } from '../shell.ts';
import type { PipelineOptions } from './run-pipeline.ts';
import type * as RunPipeline from './run-pipeline.ts';
import type { Manner } from './work-options.ts';
import { work } from './work.ts';

const ran: PipelineOptions[] = [];
let exit = 0;
const folder = mkdtempSync(join(tmpdir(), 'work-'));
let made = 0;
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Every job ends at once, each day with `exit`. */
vi.mock('./run-pipeline.ts', async (original) => ({
  ...(await original<typeof RunPipeline>()),
  runPipeline: (options: PipelineOptions) => {
    ran.push(options);
    const status = exit === 0 ? 'published' : 'failed';
    const days = options.days.map((ds) => ({ job: 'j', ds, run: 'r', status, exit }));
    return Promise.resolve(Object.fromEntries(jobs.map((job) => [job, { exit, days }])));
  },
}));
/** Not among those of the workspace. */
vi.mock('../journal/journal.ts', async (original) => {
  const journals = await original<typeof Journals>();
  class Journal extends journals.Journal {
    constructor(what: ConstructorParameters<typeof journals.Journal>[0]) {
      super(what, join(folder, String((made += 1))));
    }
  }
  return { ...journals, Journal };
});
vi.mock('../world/world.ts', () => ({
  requireLocalCloud: () => Promise.resolve(),
  tellWorld: () => Promise.resolve('the moon'),
}));

const first = parseDs('2010-12-01');
const range = daysFrom(first, parseDs('2010-12-03'));
const manner: Manner = {
  runner: 'node',
  order: 'oldest-first',
  parallel: 4,
  retries: 2,
  retryDelay: 5_000,
  dependsOnPast: false,
  wait: undefined,
  force: false,
  verbose: false,
  yes: false,
};
const required = {
  PIPELINE_BUCKET: 'stages',
  AWS_REGION: 'eu-west-1',
  REDSHIFT_DATABASE: 'dev',
};

async function worked(days: readonly Ds[], of: Partial<Manner> = {}, shell: Partial<Shell> = {}) {
  ran.length = 0;
  const [reported, printed]: [string[], string[]] = [[], []];
  const end = vi.fn<(exit: number) => void>();
  await work(
    'backfill',
    days,
    { ...manner, ...of },
    {
      env: required,
      report: (line) => reported.push(line),
      print: (text) => printed.push(render(text, { json: false, width: undefined })),
      end,
      stopSignal: () => new AbortController().signal,
      optionName: optionNames({}),
      resultWidth: undefined,
      ...shell,
    },
  );
  const listener = ran[0]?.progress.start('emr-clean', [first]);
  return { reported, printed, end, log: (line: string) => listener?.onLog(line) };
}

const onTerminal = () => ({ terminal: fakeTerminal().terminal, resultWidth: 100 });

describe('the work', () => {
  it('says what it does and where, and how it went', async () => {
    exit = 0;
    const { reported, printed, end } = await worked(range);
    expect(reported).toEqual([
      'backfill: 2010-12-01 to 2010-12-03 on the moon',
      expect.stringMatching(/^3 days: 3 ok, 0 failed in \d/),
    ]);
    expect(printed[0]?.split('\n')).toHaveLength(5);
    expect(end).toHaveBeenCalledWith(0);
    expect(listCommands(join(folder, String(made)))).toMatchObject([
      {
        state: 'ended',
        begin: {
          command: 'backfill 2010-12-01 to 2010-12-03',
          world: 'the moon',
          ranges: [['2010-12-01', '2010-12-03']],
        },
        end: { exit: 0 },
      },
    ]);
  });

  it('says that the settings of the shell will not be those of the next catchup', async () => {
    exit = 0;
    const env = { ...required, ENV_FILE: '', MIN_QUANTITY: '5' };
    const { reported } = await worked(range, {}, { env });
    expect(reported[1]).toContain('MIN_QUANTITY=5 is set in the shell only');
  });

  it('names failed days as ranges', async () => {
    exit = 65;
    const { reported, end } = await worked(range);
    expect(reported[1]).toBe('failed: 2010-12-01 to 2010-12-03');
    expect(end).toHaveBeenCalledWith(65);
  });

  it('says of days that were left after a signal only that they are left', async () => {
    exit = 143;
    const { reported } = await worked(range, {}, { stopSignal: () => AbortSignal.abort() });
    expect(reported[1]).toBe('stopped: start it again to do what is left');
    expect(reported.join('\n')).not.toContain('failed:');
  });

  it('starts nothing for many days without a yes', async () => {
    const many = daysFrom(first, parseDs('2012-12-01'));
    await expect(worked(many)).rejects.toMatchObject({ exit: 64 });
    expect(ran).toEqual([]);
    exit = 0;
    await worked(many, { yes: true });
    expect(ran).toHaveLength(1);
  });
});

describe('on a terminal', () => {
  it('the stages of one day have said what the table says, unless it goes elsewhere', async () => {
    exit = 0;
    const drawn = await worked([first], {}, onTerminal());
    expect(drawn.printed).toEqual([]);
    const redirected = await worked([first], {}, { ...onTerminal(), resultWidth: undefined });
    expect(redirected.printed).toHaveLength(1);
    expect((await worked(range, {}, onTerminal())).printed).toHaveLength(1);
  });

  it('the logs are shown with --verbose and LOG_FORMAT=json', async () => {
    exit = 0;
    const line = '{"level":30,"time":"2026-11-29T07:40:02.000Z","msg":"at work"}';
    const verbose = await worked([first], { verbose: true }, onTerminal());
    expect(verbose.printed).toHaveLength(1);
    verbose.log(line);
    expect(verbose.reported.at(-1)).toBe('[07:40:02 UTC] INFO: emr-clean at work');
    const env = { ...required, LOG_FORMAT: 'json' };
    const json = await worked([first], {}, { ...onTerminal(), env });
    expect(json.printed).toHaveLength(1);
    json.log(line);
    expect(json.reported.at(-1)).toBe(line);
  });
});
