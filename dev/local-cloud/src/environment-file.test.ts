import { describe, expect, it } from 'vitest';
import { withEnvironment } from './environment-file.ts';

describe('withEnvironment', () => {
  it('replaces its own lines, removes those of services that no longer run, and keeps all others', () => {
    const before =
      'PIPELINE_BUCKET=old\nREVIEWS_SOURCE=/a b/x=1.csv\n\n# mine\nEMR_CLUSTER_ID=j-1\n';
    expect(withEnvironment(before, { AWS_REGION: 'here', PIPELINE_BUCKET: 'new' })).toBe(
      'AWS_REGION=here\nPIPELINE_BUCKET=new\nREVIEWS_SOURCE=/a b/x=1.csv\n# mine\n',
    );
  });

  it('removes the lines with the given names, and leaves an empty file if there are no others', () => {
    const before = 'AWS_REGION=here\nREVIEWS_SOURCE=/a.csv\nMIN_QUANTITY=5\n';
    expect(withEnvironment(before, {}, ['REVIEWS_SOURCE'])).toBe('MIN_QUANTITY=5\n');
    expect(withEnvironment('AWS_REGION=here\n', {})).toBe('');
  });

  it('changes nothing the second time', () => {
    const once = withEnvironment('MIN_QUANTITY=5', { AWS_REGION: 'here' });
    expect(withEnvironment(once, { AWS_REGION: 'here' })).toBe(once);
  });
});
