/** The mutation run: each suite passes on the unchanged copy and fails without its guard. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root } from '../workspace-files.ts';
import { mutate, type Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';
import { scratchCopy } from './scratch-copy.ts';
import { runSuite } from './suite.ts';
import { judge, type Outcome, table } from './table.ts';

const say = (text: string) => process.stderr.write(`${text}\n`);

const report = join(root, '.local/mutation/table.md');

/** Returns the exit code: 0 when every mutation was caught. */
export async function run(wanted: readonly string[]): Promise<number> {
  const chosen = mutations.filter(
    ({ guard, caughtBy }) =>
      wanted.length === 0 || wanted.some((part) => `${guard} ${caughtBy}`.includes(part)),
  );
  await using copy = await scratchCopy();
  const outcomes: Outcome[] = [];
  const suites = Map.groupBy(chosen, ({ caughtBy, named = '' }) => `${caughtBy} ${named}`);
  for (const [name, ofSuite] of suites) {
    if (!(await isGreen(copy.folder, name, ofSuite))) continue;
    for (const mutation of ofSuite) {
      const outcome = await tryOut(copy.folder, mutation);
      outcomes.push(outcome);
      say(`${outcome.verdict.padEnd(12)} ${mutation.guard}`);
      if (outcome.verdict === 'SUITE BROKEN') say(outcome.broken ?? '');
    }
  }
  const caught = outcomes.filter(({ verdict }) => verdict === 'caught').length;
  const summary = `${String(caught)} of ${String(chosen.length)} mutations caught`;
  await mkdir(dirname(report), { recursive: true });
  await writeFile(report, table(summary, outcomes));
  say(`${summary}; see ${report}`);
  return caught === chosen.length ? 0 : 1;
}

async function tryOut(folder: string, mutation: Mutation): Promise<Outcome> {
  const path = join(folder, mutation.file);
  const whole = await readFile(path, 'utf8');
  await writeFile(path, mutate(whole, mutation));
  const outcome = judge(mutation, await runSuite(folder, mutation));
  await writeFile(path, whole);
  return outcome;
}

/** A suite that fails already would catch anything. */
async function isGreen(
  folder: string,
  name: string,
  [first]: readonly Mutation[],
): Promise<boolean> {
  if (first === undefined) return false;
  const { passed, failed, broken } = await runSuite(folder, first);
  if (passed > 0 && failed.length === 0 && broken === undefined) return true;
  say(`FAILS without any mutation: ${name}\n  ${failed.join('\n  ')}${broken ?? ''}`);
  return false;
}
