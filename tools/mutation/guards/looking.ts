/** Guards of the operator's commands that only look, and of the settings of a day. */
import type { Mutation } from '../mutation.ts';

const operator = (file: string) => `packages/operator/src/${file}`;
const shared = (file: string) => `packages/shared/src/${file}`;
const start = {
  file: operator('bucket/object-start.ts'),
  caughtBy: operator('bucket/object-start.test.ts'),
};

export const looking: readonly Mutation[] = [
  {
    ...start,
    guard: 'only the beginning of an object is read',
    find: 'Key: key, Range }',
    replace: 'Key: key }',
  },
  {
    ...start,
    guard: 'what is not text is not printed',
    find: 'if (content.includes(0))',
    replace: 'if (content.includes(0) && bytes < 0)',
  },
  {
    guard: 'a setting of the shell is told only where the next catchup has another',
    file: 'packages/operator/src/run/shell-settings.ts',
    find: 'if (changed.length === 0) return [];',
    replace: '',
    caughtBy: 'packages/operator/src/run/shell-settings.test.ts',
  },
  {
    guard: 'a day with other settings than its own is stale in status',
    file: operator('plan/status.ts'),
    find: ' || hasOtherSettings(facts, settings)',
    replace: '',
    caughtBy: operator('plan/status.test.ts'),
  },
  {
    guard: 'each job tells the settings of days with other rules',
    file: operator('plan/job-settings.ts'),
    find: 'Map.groupBy(days, keyOf)',
    replace: 'Map.groupBy(days.slice(0, 1), keyOf)',
    caughtBy: operator('plan/job-settings.test.ts'),
  },
  {
    guard: 'only the bucket of the pipeline is read',
    file: operator('bucket/s3-command.ts'),
    find: 'if (named === bucket) return key;',
    replace: 'if (named !== undefined) return key;',
    caughtBy: operator('bucket/s3-command.test.ts'),
  },
  {
    guard: 'psql opens the source read only',
    file: operator('source/psql-client.ts'),
    find: 'PGOPTIONS: sessionOptions(0),',
    replace: "PGOPTIONS: '',",
    caughtBy: operator('source/psql-client.test.ts'),
  },
  {
    guard: 'a value does not control the terminal',
    file: operator('table.ts'),
    find: String.raw`.replaceAll(/\p{Cc}/gu, ' ')`,
    replace: '',
    caughtBy: operator('table.test.ts'),
  },
  {
    guard: 'a variable that is set wins over the rules',
    file: shared('rules/day-configuration.ts'),
    find: 'ruledVariables(variables).filter(({ name }) => !isSet(environment, name));',
    replace: 'ruledVariables(variables);',
    caughtBy: shared('rules/day-configuration.test.ts'),
  },
  {
    guard: 'the value of a rule is one that its variable takes',
    file: shared('rules/day-configuration.ts'),
    find: 'if (faults.length > 0) throw wrongRules(place, faults);\n  return parsed;',
    replace: 'return parsed;',
    caughtBy: shared('rules/day-configuration.test.ts'),
  },
  {
    guard: 'a day has one value of a parameter',
    file: shared('rules/rules.ts'),
    find: 'isAfter(rule, previous)) return [];',
    replace: 'rule !== previous) return [];',
    caughtBy: shared('rules/rules.test.ts'),
  },
  {
    guard: 'a key that occurs twice in the rules is refused',
    file: shared('rules/rules.ts'),
    find: 'if (written.length === kept) return value;',
    replace: 'if (written.length >= kept) return value;',
    caughtBy: shared('rules/rules.test.ts'),
  },
  {
    guard: 'an empty day is unusual only if all of its weekdays have rows',
    file: shared('manifest/usual-rows.ts'),
    find: ' || rows.includes(0)',
    replace: '',
    caughtBy: shared('manifest/usual-rows.test.ts'),
  },
  {
    guard: 'days with other limits for rejected reviews have other applications',
    file: 'packages/emr-clean/src/batch.ts',
    find: 'JSON.stringify(input.parameters)',
    replace: 'input.parameters.script',
    caughtBy: 'packages/emr-clean/src/batch.test.ts',
  },
  {
    guard: 'a look back takes no captured day after those that it looks at',
    file: shared('changes/known-changes.ts'),
    find: '.filter((ds) => ds <= last)',
    replace: '',
    caughtBy: shared('changes/known-changes.test.ts'),
  },
  {
    guard: 'an older day with bad data does not decide the exit code of a look back',
    file: shared('runner/run-days.ts'),
    find: "if (failure.kind !== 'data' || asked.has(day.ds)) failures",
    replace: 'failures',
    caughtBy: shared('runner/look-back.test.ts'),
  },
  {
    guard: 'captured changes are not used after a gap',
    file: 'packages/extract-purchases/src/captured.ts',
    find: 'if (head?.gap !== undefined) {',
    replace: "if (head?.gap === '') {",
    caughtBy: 'packages/capture-purchases/test/capture.it.test.ts',
    named: 'also takes the captured days',
  },
  {
    guard: 'health finds a pointer to changes that is too old',
    file: operator('health/capture-findings.ts'),
    find: 'if (age <= maxAge) return [];',
    replace: 'if (age > 0) return [];',
    caughtBy: operator('health/capture-findings.test.ts'),
  },
];
