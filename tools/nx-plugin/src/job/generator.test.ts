import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { remaining } from './generator.ts';

const root = join(import.meta.dirname, '../../../..');

it('names every file that docs/adding-a-stage.md leaves to a person', () => {
  const document = readFileSync(join(root, 'docs/adding-a-stage.md'), 'utf8');
  const [, list = ''] =
    /^## Write what cannot be generated\n([\s\S]*?)^To undo/m.exec(document) ?? [];
  const files = [...list.matchAll(/`((?:infra|docs)\/[\w./-]+)`/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThanOrEqual(3);
  for (const file of files) expect(remaining('customer-segments')).toContain(file);
});
