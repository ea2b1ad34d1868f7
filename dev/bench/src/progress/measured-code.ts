/** Which code is measured. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { workspace } from '../paths.ts';

/** What the benchmark itself writes is no other code. */
const code = ['--', '.', ':(exclude)docs', ':(exclude,glob)**/*.md'];

/**
 * The last commit that changed the code; with changes that are not committed, a digest of them as well, so that each state of the code
 * has its own name. Undefined outside a Git repository.
 */
export async function commitOf(root = workspace): Promise<string | undefined> {
  const git = async (...args: string[]) => {
    const options = { cwd: root, maxBuffer: Infinity };
    return (await promisify(execFile)('git', args, options)).stdout.trim();
  };
  const commit = await git('log', '-1', '--format=%h', '--abbrev=10', ...code).catch(() => '');
  if (commit === '') return undefined;
  const untracked = await git('ls-files', '--others', '--exclude-standard', '-z', ...code);
  const names = untracked.split('\0').filter((name) => name !== '');
  const changes = [
    await git('diff', 'HEAD', '--binary', ...code),
    ...(await Promise.all(names.map((name) => git('hash-object', '--', name)))),
    ...names,
  ].join('\n');
  if (changes === '') return commit;
  return `${commit} with changes ${createHash('sha256').update(changes).digest('hex').slice(0, 8)}`;
}
