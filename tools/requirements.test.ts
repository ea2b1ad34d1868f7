/** Python requirements are pinned with hashes, for every Python that the README promises. */
import { describe, expect, it } from 'vitest';
import { paths, text } from './workspace-files.ts';

/** Each file that pip reads, with what it is compiled from. */
const compiled = [
  'spark/requirements',
  'dev/local-cloud/requirements',
  ...['java', 'node', 'dev'].map((name) => `infra/python/${name}`),
].map((path) => [`${path}.in`, `${path}.txt`] as const);

const lines = (path: string) =>
  text(path)
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line));

describe.each(compiled)('%s', (source, file) => {
  it('is pinned, each package with its hashes', () => {
    const packages = lines(file)
      .join('\n')
      .split(/\n(?=\S)/);
    for (const one of packages) {
      expect(one).toMatch(/^[\w.-]+==\S+.*\\\n/);
      expect(one).toMatch(/--hash=sha256:[0-9a-f]{64}/);
    }
  });

  it('holds what it is compiled from', () => {
    const wanted = lines(source).filter((line) => !line.startsWith('-r '));
    expect(wanted.length).toBeGreaterThan(0);
    for (const line of wanted) {
      const [pin = ''] = line.split(' ;');
      expect(
        lines(file).some((one) => one.startsWith(pin.includes('==') ? `${pin} ` : `${pin}==`)),
        line,
      ).toBe(true);
    }
  });
});

it('are installed from these files only', () => {
  const others = paths('**/requirements*.txt').filter(
    (path) => !compiled.some(([, file]) => file === path) && !/airflow|bench/.test(path),
  );
  expect(others).toEqual([]);
});
