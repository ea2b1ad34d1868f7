/** The mutation run: each suite is green on the untouched copy, and red without its guard. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from '../workspace-files.ts';
import { mutate, type Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';
import { scratchCopy } from './scratch-copy.ts';
import { runSuite } from './suite.ts';
import { judge, type Outcome, table } from './table.ts';

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Returns the exit code: 0 when every mutation was caught. */
export async function run(wanted: readonly string[]): Promise<number> {
  const chosen = mutations.filter(
    ({ guard }) => wanted.length === 0 || wanted.some((part) => guard.includes(part)),
  );
  await using copy = await scratchCopy();
  if (!(await allGreen(copy.folder, chosen))) return 1;
  const outcomes: Outcome[] = [];
  for (const mutation of chosen) {
    const path = join(copy.folder, mutation.file);
    const whole = await readFile(path, 'utf8');
    await writeFile(path, mutate(whole, mutation));
    const outcome = judge(mutation, await runSuite(copy.folder, mutation));
    await writeFile(path, whole);
    outcomes.push(outcome);
    say(`${outcome.verdict.padEnd(12)} ${mutation.guard}`);
    if (outcome.verdict === 'SUITE BROKEN') say(outcome.broken ?? '');
  }
  if (wanted.length === 0) await publish(table(outcomes));
  const caught = outcomes.filter(({ verdict }) => verdict === 'caught').length;
  say(`${String(caught)} of ${String(outcomes.length)} mutations caught`);
  return caught === chosen.length ? 0 : 1;
}

/** A suite that is red already would catch anything. */
async function allGreen(folder: string, chosen: readonly Mutation[]): Promise<boolean> {
  const suites = Map.groupBy(chosen, ({ caughtBy, named = '' }) => `${caughtBy} ${named}`);
  let green = true;
  for (const [name, [first]] of suites) {
    if (first === undefined) continue;
    const { passed, failed, broken } = await runSuite(folder, first);
    if (passed > 0 && failed.length === 0 && broken === undefined) continue;
    green = false;
    say(`not green without any mutation: ${name}\n  ${failed.join('\n  ')}${broken ?? ''}`);
  }
  return green;
}

async function publish(text: string): Promise<void> {
  const path = join(root, 'docs/mutations.md');
  const style = await resolveConfig(path);
  await writeFile(path, await format(text, { ...style, filepath: path }));
}
