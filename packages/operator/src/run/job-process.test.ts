import { env, execPath } from 'node:process';
import { describe, expect, it, vi } from 'vitest';
import { jobCommand } from './job-command.ts';
import { runJobProcess } from './job-process.ts';

/** A program in the place of `docker run`. */
const running = (script: string) =>
  runJobProcess({ file: execPath, args: ['--eval', script], env }, new AbortController().signal);

describe('a job', () => {
  it('is not started any more after a stop', async () => {
    const command = await jobCommand('node', 'stage-reviews', ['--help']);
    expect(await runJobProcess(command, AbortSignal.abort())).toEqual({
      exit: 143,
      days: [],
    });
  });

  it.each([
    [75, 75, 'the job itself'],
    [125, 70, 'Docker: the container could not be started'],
    [126, 70, 'Docker: the program could not be run'],
    [127, 70, 'Docker: there is no such program'],
    [137, 143, 'a container that was killed, e.g. for its memory'],
    [143, 143, 'a container that ended by SIGTERM'],
  ])('that ends with %i counts as %i: %s', async (code, exit) => {
    expect(await running(`process.exit(${String(code)})`)).toEqual({ exit, days: [] });
  });

  it('that a signal ended counts as 143', async () => {
    expect((await running("process.kill(process.pid, 'SIGKILL')")).exit).toBe(143);
  });

  it('is heard while it runs, if somebody listens', async () => {
    const day = { job: 'j', ds: '2010-12-01', run: 'r', status: 'published', exit: 0 };
    const script = `console.error('one\\ntwo'); console.log(${JSON.stringify(JSON.stringify(day))})`;
    const command = { file: execPath, args: ['--eval', script], env };
    const onLog = vi.fn<(line: string) => void>();
    const onDay = vi.fn<(day: object) => void>();
    const never = new AbortController().signal;
    expect(await runJobProcess(command, never, { onLog, onDay })).toEqual({ exit: 0, days: [day] });
    expect(onLog.mock.calls.flat()).toEqual(['one', 'two']);
    expect(onDay.mock.calls.flat()).toEqual([day]);
  });
});
