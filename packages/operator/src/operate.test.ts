/** What the command line refuses, and how it says so. Nothing is started. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { optionNames } from './command-line/option-names.ts';
import { operate } from './operate.ts';

async function operated(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const told: string[] = [];
  let exit = 0;
  await operate(argv, {
    env,
    report: (line) => told.push(line),
    print: (text) => told.push(text),
    end: (code) => {
      exit = code;
    },
    stopSignal: () => AbortSignal.abort(),
    optionName: optionNames(env),
    resultWidth: undefined,
  });
  return { exit, told: told.join('\n') };
}

const range = ['--from=2010-12-01', '--to=2010-12-02'];
const day = '--ds=2010-12-01';

describe('without make', () => {
  it.each<[string[], string]>([
    [[], 'name a command'],
    [['pln'], 'unknown command pln: did you mean plan?'],
    [['fly'], 'unknown command fly'],
    [
      ['backfill', '--form=2010-12-01', '--to=2010-12-02'],
      'unknown option --form: did you mean --from?',
    ],
    [['run', day, '--retry_delay=1'], 'unknown option --retry_delay: did you mean --retry-delay?'],
    [['run', day, '--colour'], 'unknown option --colour: expected --help'],
    [['run', day, '-x'], 'unknown option --x'],
    [['run', day, 'stray'], 'unexpected argument stray'],
    [['run', day, '--ds=2010-12-02'], '--ds was given twice'],
    [['run', day, '--dry-run', '--dry-run'], '--dry-run was given twice'],
    [['run', day, '-v', '--verbose'], '--verbose was given twice'],
    [['run'], '--ds is missing: operator run --ds=2010-12-01'],
    [['run', '--ds='], '--ds is missing: operator run --ds=2010-12-01'],
    [['backfill'], '--from is missing: operator backfill --from=2010-12-01 --to=2010-12-31'],
    [['query', '--sql='], '--sql is missing: operator query --sql="…"'],
    [['query', '--sql', ''], '--sql is missing'],
    [['query', '--sql= \n '], '--sql is missing'],
    [['run', '--ds=2010-13-01'], '--ds must be a real day such as 2010-12-01, not "2010-13-01"'],
    [['run', '--ds=1010-12-01'], '--ds must be a day from 1970-01-01 to 2200-12-31'],
    [
      ['backfill', '--from=2010-12-02', '--to=2010-12-01'],
      '--to=2010-12-01 is before --from=2010-12-02',
    ],
    [
      ['plan', '--from=1970-01-01', '--to=2200-12-31'],
      '--from=1970-01-01 to --to=2200-12-31 is 84371 days; expected at most 10000',
    ],
    [['run', day, '--retries=abc'], '--retries must be a whole number from 0 to 100, not "abc"'],
    [['run', day, '--retries=-1'], '--retries must be a whole number'],
    [['run', day, '--retry-delay=1e3'], '--retry-delay must be a whole number'],
    [['backfill', ...range, '--jobs=0'], '--jobs must be a whole number from 1 to 64, not "0"'],
    [['backfill', ...range, '--jobs=2.5'], '--jobs must be a whole number'],
    [['backfill', ...range, '--jobs=65', '--dry-run'], '--jobs must be a whole number'],
    [
      ['backfill', ...range, '--order=last'],
      '--order must be one of "oldest-first", "newest-first", not "last"',
    ],
    [['run', day, '--wait=soon'], '--wait must be a time such as 90s'],
    [['run', day, '--wait=30d'], '--wait must be a time such as 90s'],
    [['ui', '--port=70000'], '--port must be a whole number from 0 to 65535, not "70000"'],
    [['ui', '--due=noon'], '--due must be'],
    [['sweep', '--older=old'], '--older must be a time such as 30m'],
    [['erase'], '--customer is missing: operator erase --customer=17850'],
    [['erase', '--customer=all'], '--customer must be the id of a customer, such as 17850'],
    [
      ['backfill', ...range, '--order=newest-first', '--depends-on-past'],
      '--order=newest-first and --depends-on-past exclude each other',
    ],
  ])('%j ends with 64', async (argv, message) => {
    const { exit, told } = await operated(argv);
    expect(told).toContain(`operator: ${message}`);
    expect(exit).toBe(64);
  });
});

describe('behind make', () => {
  it.each<[string, string[], string]>([
    [
      'backfill',
      ['--from=', '--to='],
      'FROM is missing: make backfill FROM=2010-12-01 TO=2010-12-31',
    ],
    ['run', ['--ds=x'], 'DS must be a real day'],
    ['query', ['--sql='], 'SQL is missing: make query SQL="…"'],
    [
      'backfill',
      ['--from=2010-12-02', '--to=2010-12-01'],
      'TO=2010-12-01 is before FROM=2010-12-02',
    ],
    ['backfill', [...range, '--jobs=many'], 'JOBS must be a whole number'],
    ['run', [day, '--retry-delay=x'], 'RETRY_DELAY must be a whole number'],
    ['backfill', [...range, '--order=last'], 'ORDER must be one of'],
    [
      'backfill',
      [...range, '--order=newest-first', '--depends-on-past'],
      'ORDER=newest-first and PAST exclude each other',
    ],
  ])('%s %j names no option', async (target, argv, message) => {
    const { exit, told } = await operated([target, ...argv], { MAKE_TARGET: target });
    expect(told).toContain(`operator: ${message}`);
    expect(told).not.toContain('--');
    expect(exit).toBe(64);
  });
});

describe('completion', () => {
  /** yargs itself writes to the console. */
  async function written(argv: readonly string[]): Promise<string> {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    onTestFinished(() => {
      log.mockRestore();
    });
    const { exit } = await operated(argv);
    expect(exit).toBe(0);
    return log.mock.calls.flat().join('\n');
  }

  it('prints what a shell needs', async () => {
    expect(await written(['completion'])).toContain('operator --get-yargs-completions');
  });

  it('offers the options of a command, whatever is typed so far', async () => {
    const typed = ['operator', 'backfill', '--from', 'x', '--from', 'y', '--'];
    expect(await written(['--get-yargs-completions', ...typed])).toContain('--retry-delay');
  });
});

describe('while the local cloud is down', () => {
  const env = {
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_REDSHIFT_DATA: 'http://127.0.0.1:9',
    AWS_REGION: 'us-east-1',
    PIPELINE_BUCKET: 'stages',
    REDSHIFT_DATABASE: 'dev',
    REDSHIFT_WORKGROUP: 'local',
  };

  it.each<string[][]>([
    [['status']],
    [['plan', ...range]],
    [['run', day]],
    [['run', day, '--dry-run']],
    [['backfill', ...range]],
    [['catchup']],
    [['doctor']],
    [['sweep']],
    [['erase', '--customer=17850']],
    [['query', '--sql=select 1']],
  ])('%j says so in one line, and ends with 75', async (argv) => {
    const { exit, told } = await operated(argv, env);
    expect(told).toMatch(
      /^operator: the local cloud is not up: run make up \(AWS_\w+: nothing listens on 127\.0\.0\.1:9\)$/,
    );
    expect(exit).toBe(75);
  });

  it('a typing error comes first', async () => {
    expect(await operated(['run', '--ds=x'], env)).toMatchObject({ exit: 64 });
  });
});
