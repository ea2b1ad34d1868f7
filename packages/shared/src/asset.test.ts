import { afterEach, describe, expect, it, vi } from 'vitest';
import { failureOf } from '../test/failing.ts';
import { asset, assetNames } from './asset.ts';

describe('asset', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('reads a file of the workspace', () => {
    expect(asset('packages/shared/package.json')).toContain('"@user-behaviour/shared"');
  });

  it('reads from the bundle if there is one', () => {
    vi.stubGlobal('BUNDLED_ASSETS', { 'sql/x.sql': 'select 1' });
    expect(asset('sql/x.sql')).toBe('select 1');
  });

  it('reports a file that the bundle lacks as a bug', async () => {
    vi.stubGlobal('BUNDLED_ASSETS', {});
    const failure = await failureOf(() => asset('sql/x.sql'));
    expect(failure.kind).toBe('bug');
    expect(failure.message).toContain('sql/x.sql is not in this bundle');
  });
});

describe('assetNames', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('lists a folder of the workspace', () => {
    expect(assetNames('sql/warehouse')).toEqual(expect.arrayContaining(['ddl', 'load']));
  });

  it('lists a folder of the bundle in order, without other folders', () => {
    vi.stubGlobal('BUNDLED_ASSETS', { 'sql/x/2.sql': '', 'sql/x/1.sql': '', 'sql/xy/3.sql': '' });
    expect(assetNames('sql/x')).toEqual(['1.sql', '2.sql']);
  });
});
