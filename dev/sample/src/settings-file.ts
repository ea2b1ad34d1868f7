/** `.env.local`: plain KEY=value lines with the settings that the jobs need for the local cloud. */
import { readFile, stat } from 'node:fs/promises';
import { Failure } from '@user-behaviour/shared/failure';
import { writeFileAtomically } from '@user-behaviour/shared/atomic-file';

/** Owner only: the file also holds credentials. */
const ownerOnly = 0o600;

/** The value without quotes; undefined if it is unset or empty. */
export async function readSetting(path: string, name: string): Promise<string | undefined> {
  const line = (await lines(path)).findLast((candidate) => isSetting(candidate, name));
  const text = line?.slice(line.indexOf('=') + 1).trim() ?? '';
  const value = text.replace(/^(['"])(.*)\1$/, '$2');
  return value === '' ? undefined : value;
}

/** Atomically replaces or adds the line of each name; all other lines stay. */
export async function writeSettings(
  path: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const own = Object.entries(settings).map(([name, value]) => settingLine(name, value));
  const others = (await lines(path)).filter(
    (candidate) => !Object.keys(settings).some((name) => isSetting(candidate, name)),
  );
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => ownerOnly,
  );
  await writeFileAtomically(path, [[...others, ...own, ''].join('\n')], { mode });
}

async function lines(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, 'utf8');
    return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function isSetting(line: string, name: string): boolean {
  return line.startsWith(`${name}=`);
}

/**
 * The line in the file, quoted so that a shell, Node and Nx read it alike.
 * @throws a usage failure for a value that no quotes can hold.
 */
export function settingLine(name: string, value: string): string {
  if (/^[\w./:@%+,={}-]+$/.test(value)) return `${name}=${value}`;
  const quote = quoteFor(value);
  if (quote !== undefined) return `${name}=${quote}${value}${quote}`;
  throw new Failure('usage', `${name} cannot contain a $, or both kinds of quotes`, {
    action: 'rename the file or its folder',
  });
}

/** Nx replaces what follows a $, whatever the quotes. */
function quoteFor(value: string): string | undefined {
  if (/[\r\n$]/.test(value)) return undefined;
  if (!value.includes("'")) return "'";
  return /["`\\]/.test(value) ? undefined : '"';
}
