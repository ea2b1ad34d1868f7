/** Guards of emr-clean. */
import type { Mutation } from './mutation.ts';

const clean = (file: string) => `packages/emr-clean/${file}`;

export const cleaning: readonly Mutation[] = [
  {
    guard: 'a lease that another run holds is not taken',
    file: 'packages/shared/src/lease-body.ts',
    find: "> now.getTime() ? 'held' : 'expired'",
    replace: "> now.getTime() ? 'expired' : 'expired'",
    caughtBy: 'packages/shared/src/lease-body.test.ts',
  },
  {
    guard: 'a lease moves by conditional writes',
    file: clean('src/lease.ts'),
    find: '          ...condition,\n',
    replace: '',
    caughtBy: clean('test/lease.it.test.ts'),
  },
  {
    guard: 'only the holder of the lease publishes',
    file: clean('src/publish-day.ts'),
    find: '  await lease.confirm();\n',
    replace: '',
    caughtBy: clean('test/trouble.it.test.ts'),
    named: 'a run whose lease another one took',
  },
  {
    guard: 'a step that is there is taken up, not added again',
    file: clean('src/step-runner.ts'),
    find: 'const found = await findStep(cluster, step);',
    replace: 'const found = await Promise.resolve<RemoteStep | undefined>(undefined);',
    caughtBy: clean('src/step-runner.test.ts'),
  },
  {
    guard: 'a step whose answer was lost is looked for before it is added again',
    file: clean('src/step-addition.ts'),
    find: 'if (found !== undefined) return found.id;',
    replace: '',
    caughtBy: clean('src/step-runner.test.ts'),
  },
  {
    guard: 'a step is known by its arguments too',
    file: clean('src/step-addition.ts'),
    find: ' && JSON.stringify(remote.args) === JSON.stringify(step.args)',
    replace: '',
    caughtBy: clean('src/step-addition.test.ts'),
  },
  {
    guard: 'steps of an abandoned run are ended',
    file: clean('src/batch.ts'),
    find: '    await runner.end(isLeft);\n',
    replace: '',
    caughtBy: clean('test/trouble.it.test.ts'),
    named: 'leaves no step working for nobody',
  },
  {
    guard: 'a step in an unknown state is a failure',
    file: clean('src/step-state.ts'),
    find: "      return failure('transient', `is in the unknown state ${String(status.State)}`);",
    replace: "      return 'completed';",
    caughtBy: clean('src/step-state.test.ts'),
  },
  {
    guard: 'Spark read every review that was staged',
    file: clean('src/report.ts'),
    find: 'if (found.read !== rows) {',
    replace: 'if (found.read < 0) {',
    caughtBy: clean('src/report.test.ts'),
  },
  {
    guard: 'too many rejected reviews fail the day',
    file: clean('src/report.ts'),
    find: 'if (!found.written || rejected > maxRejected * found.read) {',
    replace: 'if (!found.written) {',
    caughtBy: clean('src/report.test.ts'),
  },
  {
    guard: 'runs and inputs work apart on the cluster',
    file: clean('src/steps.ts'),
    find: '/${run}/${fingerprint}`;',
    replace: '/${fingerprint}`;',
    caughtBy: clean('src/steps.test.ts'),
  },
];
