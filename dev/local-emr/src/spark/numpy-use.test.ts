import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from '@user-behaviour/local-cloud/installation';
import { expect, it } from 'vitest';
import { usesNumpy } from './numpy-use.ts';

it.each([
  ['import numpy as np', true],
  ['from pyspark.ml.feature import Tokenizer', true],
  ['from pyspark import mllib', true],
  ['from pyspark.sql import functions as F\n# without pyspark.ml\nhtml = "<p>"', false],
])('of %j: %s', async (text, uses) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'numpy-use-'));
  const file = join(folder.path, 'job.py');
  await writeFile(file, text);
  expect(await usesNumpy(['/some/log4j.properties', file])).toBe(uses);
});

it.each(['/lib.zip', '/lib.egg', '/missing.py'])('of %s cannot be excluded', async (file) => {
  expect(await usesNumpy([file])).toBe(true);
});

it('is not that of the pipeline’s own script', async () => {
  const script = join(workspaceRoot, 'spark/random_text_classification.py');
  expect(await usesNumpy([script])).toBe(false);
});
