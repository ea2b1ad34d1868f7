import { afterEach, describe, expect, it, vi } from 'vitest';
import { failureOf } from '../test/failing.ts';
import { asset } from './asset.ts';

describe('an asset', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('is a file of the workspace', () => {
    expect(asset('packages/shared/package.json')).toContain('"@user-behaviour/shared"');
  });

  it('comes out of the bundle, where there is one', () => {
    vi.stubGlobal('BUNDLED_ASSETS', { 'sql/x.sql': 'select 1' });
    expect(asset('sql/x.sql')).toBe('select 1');
  });

  it('that a bundle lacks is a bug that says where to list it', async () => {
    vi.stubGlobal('BUNDLED_ASSETS', {});
    const failure = await failureOf(() => asset('sql/x.sql'));
    expect(failure.kind).toBe('bug');
    expect(failure.message).toContain('sql/x.sql is not in this bundle');
  });
});
