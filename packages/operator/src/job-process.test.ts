import { describe, expect, it } from 'vitest';
import { jobCommand } from './job-command.ts';
import { runJobProcess } from './job-process.ts';

describe('a job', () => {
  it('is not started any more after a stop', async () => {
    const command = await jobCommand('node', 'stage-reviews', ['--help']);
    expect(await runJobProcess(command, AbortSignal.abort())).toEqual({
      exit: 143,
      days: [],
    });
  });
});
