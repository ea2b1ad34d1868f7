/** `npm run docs`: VitePress fails for a link to a page that is not there, the drawer for a drawing that cannot be drawn. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { paths, root, text } from '../workspace-files.ts';

const site = join(root, 'docs/site/dist/site');
const page = (path: string): string =>
  readFileSync(
    join(site, path.replace(/(^|\/)README\.md$/, '$1index.md').replace(/\.md$/, '.html')),
    'utf8',
  );
const documents = paths('docs/lesson/*.md');

beforeAll(async () => {
  const options = { cwd: root, env: { ...env, NODE_ENV: 'production' }, timeout: 600_000 };
  // A second run replaces the site.
  await promisify(execFile)('npm', ['run', '--silent', 'docs'], options);
}, 600_000);

describe('the site', () => {
  it.each(documents)('has each drawing and no code that Vue has evaluated: %s', (path) => {
    const drawings = text(path).match(/^```mermaid$/gm) ?? [];
    expect(page(path).match(/class="drawing"><svg /g) ?? []).toHaveLength(drawings.length);
    const braces = text(path).match(/`[^`\n]*\{\{[^`\n]*`/g) ?? [];
    expect(page(path).match(/<code[^>]*>[^<]*\{\{/g) ?? []).toHaveLength(braces.length);
  });

  it('has a copy of each code that the lesson names, and leads to the name in it', () => {
    const named = documents.flatMap((path) =>
      [...page(path).matchAll(/href="\/(code\/[^"#]+)(?:#:~:text=([^"]+))?"/g)].map(
        ([, link = '', name = '']) => ({ link, name: decodeURIComponent(name) }),
      ),
    );
    expect(named.filter(({ name }) => name !== '').length).toBeGreaterThan(50);
    const wrong = named.filter(
      ({ link, name }) =>
        !existsSync(join(site, link)) || !readFileSync(join(site, link), 'utf8').includes(name),
    );
    expect(wrong).toEqual([]);
  });
});
