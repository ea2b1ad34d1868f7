import { describe, expect, it } from 'vitest';
import { configuredPorts } from './ports.ts';

describe('configuredPorts', () => {
  it('reads the variables of the services that run', () => {
    const variables = { LOCAL_CLOUD_POSTGRES_PORT: '5432', LOCAL_CLOUD_EMR_PORT: '8998' };
    expect(configuredPorts(['postgres', 's3'], variables)).toEqual({ postgres: 5432 });
  });

  it.each(['0', '65536', '80.5', 'http', '-1'])('refuses %s, naming the variable', (port) => {
    expect(() => configuredPorts(['s3'], { LOCAL_CLOUD_S3_PORT: port })).toThrow(
      'LOCAL_CLOUD_S3_PORT is no port number',
    );
  });
});
