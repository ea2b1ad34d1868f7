import { describe, expect, it } from 'vitest';
import { jobCommand, parseRunner, requireJobs } from './job-command.ts';

describe('RUNNER', () => {
  it.each([
    [undefined, 'node'],
    ['', 'node'],
    ['node', 'node'],
    ['docker', 'docker'],
  ])('%j is %s', (name, runner) => {
    expect(parseRunner(name)).toBe(runner);
  });

  it.each(['Docker', 'podman', ' node'])('%j is refused', (name) => {
    expect(() => parseRunner(name)).toThrow('expected node or docker');
  });

  it('node needs the bundle of every job', async () => {
    await requireJobs('node', () => true);
    const failing = requireJobs('node', (path) => !String(path).includes('emr-clean'));
    await expect(failing).rejects.toMatchObject({
      exit: 78,
      message: expect.stringMatching(/^emr-clean is not bundled/) as string,
      action: 'run make bundle',
    });
  });

  it('node is this Node with the bundle and the bounded young generation', async () => {
    const { file, args } = await jobCommand('node', 'emr-clean', ['--ds=2010-12-01']);
    expect(file).toBe(process.execPath);
    expect(args).toEqual([
      '--max-semi-space-size=8',
      expect.stringMatching(/packages\/emr-clean\/dist\/main\.mjs$/),
      '--ds=2010-12-01',
    ]);
  });
});
