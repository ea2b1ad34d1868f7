import { describe, expect, it } from 'vitest';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { choosePorts, configuredHosts, configuredPorts, preferredPorts } from './ports.ts';
import { portsOf } from './supervisor/service.ts';

describe('configuredPorts', () => {
  it('reads only the variables of the given services', () => {
    const variables = { LOCAL_CLOUD_POSTGRES_PORT: '5432', LOCAL_CLOUD_EMR_PORT: '8998' };
    expect(configuredPorts(['postgres', 's3'], variables)).toEqual({ postgres: 5432 });
    const own = { LOCAL_CLOUD_WAREHOUSE_PORT: '15439' };
    expect(configuredPorts(portsOf(['redshift']), own)).toEqual({ warehouse: 15_439 });
    expect(configuredPorts(portsOf(['postgres']), own)).toEqual({});
  });

  it.each(['65536', '80.5', 'http', '-1'])('rejects %s and names the variable', (port) => {
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

describe('choosePorts', () => {
  it('gives the warehouse another port if the remembered or preferred one is taken', async () => {
    expect(preferredPorts).toEqual({ warehouse: 5439 });
    await using other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const taken = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { redshift, warehouse } = await choosePorts(
      ['redshift', 'warehouse'],
      {},
      { warehouse: taken },
    );
    expect(warehouse).not.toBe(taken);
    expect(warehouse).not.toBe(redshift);
    const free = await choosePorts(['warehouse'], { warehouse: 0 }, {});
    expect(free.warehouse).toBeGreaterThan(5439);
    expect(await choosePorts(['warehouse'], { warehouse: 0 }, free)).toEqual(free);
    const again = await choosePorts(['warehouse'], {}, { warehouse });
    expect(again).toEqual({ warehouse });
    await expect(choosePorts(['warehouse'], { warehouse: taken }, {})).rejects.toThrow(
      'choose another one with LOCAL_CLOUD_WAREHOUSE_PORT',
    );
  });
});
