import { describe, expect, it } from 'vitest';
import { missingCredentials } from './credential-source.ts';

const disabled = { AWS_EC2_METADATA_DISABLED: 'true' };
const full = (uri: string) => ({ ...disabled, AWS_CONTAINER_CREDENTIALS_FULL_URI: uri });

describe('a job without credentials', () => {
  it.each([
    [full('http://127.0.0.1:9/creds'), 'http://127.0.0.1:9/creds'],
    [full('http://169.254.170.23/v1/credentials'), 'http://169.254.170.23/v1/credentials'],
    [full('https://vault.example.com/creds?token=hidden'), 'https://vault.example.com/creds'],
    [{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/x' }, 'http://169.254.170.2'],
    [{ ...disabled, AWS_WEB_IDENTITY_TOKEN_FILE: '/token' }, 'AWS STS'],
    [{}, 'the instance metadata service http://169.254.169.254'],
    [{ AWS_EC2_METADATA_DISABLED: 'false' }, 'http://169.254.169.254'],
    [{ AWS_EC2_METADATA_DISABLED: '' }, 'http://169.254.169.254'],
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9' }, 'http://127.0.0.1:9'],
  ])('whose provider is configured may get them later: %j', (environment, asked) => {
    const found = missingCredentials(environment);
    expect(found.kind).toBe('transient');
    expect(found.asked).toContain(asked);
    expect(found.asked).not.toContain('hidden');
    expect(found.action).toContain('run the day again');
  });

  it.each([
    [disabled, /^set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the job a role$/],
    [{ ...disabled, AWS_CONTAINER_CREDENTIALS_FULL_URI: '' }, /AWS_ACCESS_KEY_ID/],
    [full('http://example.com/creds'), /AWS_CONTAINER_CREDENTIALS_FULL_URI/],
    [full('nonsense'), /AWS_CONTAINER_CREDENTIALS_FULL_URI/],
    [{ AWS_PROFILE: 'nope' }, /AWS_PROFILE/],
    [{ AWS_ACCESS_KEY_ID: 'a' }, /both/],
  ])('that has no usable provider is wrongly configured: %j', (environment, action) => {
    const found = missingCredentials(environment);
    expect(found.kind).toBe('configuration');
    expect(found.action).toMatch(action);
  });
});
