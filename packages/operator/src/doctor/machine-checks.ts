/** Checks of this machine: Node for the jobs, Python and PySpark for the local cloud. */
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

/** `node` is the process's version, e.g. `24.1.0`. The jobs need Node 24. */
export function checkNode(node: string): Finding {
  const found = machine('Node', node);
  if (Number(node.split('.')[0]) >= 24) return found;
  const action = 'make install installs Node 24 into node_modules/.bin';
  return { ...found, result: 'FAIL', found: `${node}, expected 24 or newer`, action, exit: 78 };
}

/** Only the local cloud needs Python; a machine that runs the jobs against AWS does not. */
export async function checkPython(root = workspace): Promise<Finding> {
  const python = join(root, '.local/python/bin/python');
  const missing = machine('Python of the local cloud', 'none');
  const action = 'run make install if you want the local cloud on this machine';
  if (!existsSync(python)) return { ...missing, result: 'warn', action };
  const program =
    'import sys, pyspark; print(".".join(map(str, sys.version_info[:3])), "with PySpark", pyspark.__version__)';
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', program]);
    return machine(missing.check, stdout.trim());
  } catch {
    return { ...missing, result: 'FAIL', found: 'cannot import PySpark', action, exit: 78 };
  }
}
