import { describe, expect, it } from 'vitest';
import { configuredHosts, configuredPorts } from './ports.ts';

describe('configuredPorts', () => {
  it('reads only the variables of the given services', () => {
    const variables = { LOCAL_CLOUD_POSTGRES_PORT: '5432', LOCAL_CLOUD_EMR_PORT: '8998' };
    expect(configuredPorts(['postgres', 's3'], variables)).toEqual({ postgres: 5432 });
  });

  it.each(['0', '65536', '80.5', 'http', '-1'])('rejects %s and names the variable', (port) => {
    expect(() => configuredPorts(['s3'], { LOCAL_CLOUD_S3_PORT: port })).toThrow(
      'LOCAL_CLOUD_S3_PORT is not a port number',
    );
  });
});

it('configuredHosts reads names', () => {
  expect(configuredHosts({ LOCAL_CLOUD_HOSTS: 'Host.Docker.Internal, 172.18.0.1,' })).toEqual([
    'host.docker.internal',
    '172.18.0.1',
  ]);
  expect(configuredHosts({})).toEqual([]);
});
