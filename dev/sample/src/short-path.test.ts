import { expect, it } from 'vitest';
import { shortPath } from './short-path.ts';

it.each([
  ['/work/project/.local/sample/{ds}.csv', '/work/project', '.local/sample/{ds}.csv'],
  ['/work/project/.local/x.csv', '/work/project/infra', '../.local/x.csv'],
  ['/tmp/x.csv', '/home/person/project', '/tmp/x.csv'],
  ['/work', '/work', '/work'],
])('shortens %s seen from %s to %s', (path, cwd, short) => {
  expect(shortPath(path, cwd)).toBe(short);
});
