import { describe, expect, it } from 'vitest';
import { parseDs } from './ds.ts';
import {
  fileNames,
  leaseKey,
  manifestKey,
  rejectsFolders,
  rejectsPrefix,
  runPrefix,
  runRecordKey,
  s3Uri,
  scriptKey,
} from './keys.ts';
import { datasets } from './pipeline.ts';

const ds = parseDs('2010-12-01');
const run = '20101202T001500Z-3f9c2a';

describe('keys in the bucket', () => {
  it('are those of docs/contract.md', () => {
    expect([
      `${runPrefix('user_purchase/stage', ds, run)}${fileNames.purchases}`,
      `${runPrefix('movie_review/load', ds, run)}${fileNames.reviews}`,
      runPrefix('movie_review/stage', ds, run),
      manifestKey('movie_review/stage', ds),
      leaseKey('movie_review/stage', ds),
      scriptKey('0'.repeat(64)),
      rejectsPrefix('movie_review/stage', ds, run),
      `${rejectsPrefix('user_purchase/stage', ds, run)}${fileNames.rejects}`,
      s3Uri('stages', manifestKey('user_purchase/stage', ds)),
      runRecordKey('emr-clean', run),
      runRecordKey('emr-clean', run, 'again'),
    ]).toEqual([
      `user_purchase/stage/2010-12-01/${run}/temp_filtered_user_purchase.csv`,
      `movie_review/load/2010-12-01/${run}/movie.csv`,
      `movie_review/stage/2010-12-01/${run}/`,
      'movie_review/stage/2010-12-01/_manifest.json',
      'movie_review/stage/2010-12-01/_lease.json',
      `scripts/${'0'.repeat(64)}/random_text_classification.py`,
      `movie_review/rejects/2010-12-01/${run}/`,
      `user_purchase/rejects/2010-12-01/${run}/rejected_purchases.csv`,
      's3://stages/user_purchase/stage/2010-12-01/_manifest.json',
      `runs/emr-clean/${run}.jsonl`,
      `runs/emr-clean/${run}.again.jsonl`,
    ]);
  });

  it('keep rejected rows outside every external table', () => {
    for (const dataset of datasets) {
      for (const folder of Object.values(rejectsFolders)) {
        expect(folder.startsWith(`${dataset}/`)).toBe(false);
      }
    }
  });

  it('start with an underscore where Spectrum must not read', () => {
    for (const dataset of datasets) {
      expect(manifestKey(dataset, ds).split('/').at(-1)).toMatch(/^_/);
      expect(leaseKey(dataset, ds).split('/').at(-1)).toMatch(/^_/);
    }
  });
});
