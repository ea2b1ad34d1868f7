import { describe, expect, it } from 'vitest';
import { fakeHost } from '../../test/fake-host.ts';
import { done, failing, jobOf } from '../../test/fake-job.ts';
import type { DayRecord, RecordSink } from './day-record.ts';
import type { Day } from './job.ts';
import { runJob } from './run-job.ts';

const twoDays = '--ds=2010-12-01 --through=2010-12-02 --run-id=r --parallel=1';

async function recorded(
  argv: string,
  runDay: (day: Day) => Promise<typeof done>,
  send?: RecordSink['send'],
) {
  const sent: (readonly DayRecord[])[] = [];
  const take: RecordSink['send'] = (records) => Promise.resolve(void sent.push(records));
  const host = fakeHost(argv);
  const exit = await runJob(
    jobOf({ runDay, runRecord: { name: 'a sink', send: send ?? take } }),
    host,
  );
  return { exit, sent, host };
}

describe('the record of a run', () => {
  it('has each settled day with what was noted and when it began and ended', async () => {
    const runDay = async (day: Day) => {
      day.record.note({ stepId: `s-${day.ds}`, parameters: { minQuantity: 2 } });
      await day.record.phase('copy', () => Promise.resolve());
      return day.ds === '2010-12-02' ? failing('data')() : done;
    };
    const { exit, sent } = await recorded(twoDays, runDay);
    expect([exit, sent.length]).toEqual([65, 1]);
    const [[first, second] = []] = sent;
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
    const common = {
      job: 'some-job',
      version: '1.2.3',
      run: 'r',
      seconds: expect.any(Number) as number,
      startedAt: time,
      finishedAt: time,
      parameters: { minQuantity: 2 },
      phases: [{ name: 'copy', startedAt: time, seconds: expect.any(Number) as number }],
    };
    expect(first).toEqual({
      ...common,
      ds: '2010-12-01',
      stepId: 's-2010-12-01',
      status: 'published',
      rows: 3,
      exit: 0,
    });
    expect(second).toEqual({
      ...common,
      ds: '2010-12-02',
      stepId: 's-2010-12-02',
      status: 'failed',
      kind: 'data',
      message: 'a data',
      action: expect.any(String) as string,
      exit: 65,
    });
    expect(second && first && second.startedAt >= first.finishedAt).toBe(true);
  });

  it('has no value of a row, even in an error that nobody expected', async () => {
    const runDay = () => Promise.reject(new TypeError('bad row [17850, "Zebra"]'));
    const { exit, sent } = await recorded('--ds=2010-12-01', runDay);
    expect(exit).toBe(70);
    expect(JSON.stringify(sent)).toMatch(/unexpected error: bad row/);
    expect(JSON.stringify(sent)).not.toMatch(/17850|Zebra/);
  });

  it.each([0, 65])('does not change the exit code %d if it cannot be kept', async (code) => {
    const runDay = () => (code === 0 ? Promise.resolve(done) : failing('data')());
    const refuse = () => Promise.reject(new Error('Access Denied'));
    const { exit, host } = await recorded('--ds=2010-12-01', runDay, refuse);
    expect(exit).toBe(code);
    expect(host.logged()).toContainEqual(
      expect.objectContaining({
        level: 40,
        msg: 'the record of this run could not be sent to a sink: Access Denied; the work is unaffected',
      }),
    );
  });

  it('is sent while the job closes what only the days needed', async () => {
    const closed = Promise.withResolvers<undefined>();
    const afterDays = () => {
      closed.resolve(undefined);
      return Promise.resolve();
    };
    const runRecord = { name: 'a sink', send: () => closed.promise };
    const host = fakeHost('--ds=2010-12-01');
    const work = { runDay: () => Promise.resolve(done), afterDays, runRecord };
    expect(await runJob(jobOf(work), host)).toBe(0);
    // Otherwise the sink would have been late.
    expect(host.logged()).toEqual([]);
  });

  it.each(['--ds=2010-12-01 --dry-run', '--check', '--help', '--version', '--ds=never'])(
    'is not made by %s',
    async (argv) => {
      const { sent } = await recorded(argv, () => Promise.resolve(done));
      expect(sent).toEqual([]);
    },
  );
});
