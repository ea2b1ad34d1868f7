/** What this machine has: Node for the jobs, Python and Spark for the local cloud. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from './doctor.ts';

const workspace = join(import.meta.dirname, '../../../..');

const machine = (check: string, found: string): Finding => ({
  component: 'this machine',
  check,
  result: 'ok',
  found,
  exit: 0,
});

/** `node` is the version of the process, e.g. `24.1.0`; jobs need 24, SDK releases of 2027 need 22. */
export function checkNode(node: string): Finding {
  const look = machine('Node', node);
  if (Number(node.split('.')[0]) >= 24) return look;
  const action = 'make -C infra install puts Node 24 into node_modules/.bin';
  return { ...look, result: 'FAIL', found: `${node}, expected 24 or newer`, action, exit: 78 };
}

/** Only the local cloud needs Python; a machine that runs the jobs against AWS does without. */
export async function checkPython(root = workspace): Promise<Finding> {
  const python = join(root, '.local/python/bin/python');
  const look = machine('Python of the local cloud', 'none');
  const action = 'make -C infra install, if the local cloud is to run here';
  if (!existsSync(python)) return { ...look, result: 'warn', action };
  const program =
    'import sys, pyspark; print(".".join(map(str, sys.version_info[:3])), "with PySpark", pyspark.__version__)';
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', program]);
    return machine(look.check, stdout.trim());
  } catch {
    return { ...look, result: 'FAIL', found: 'cannot import PySpark', action, exit: 78 };
  }
}
