import { describe, expect, it } from 'vitest';
import { parseEndpointArguments, UsageError } from './endpoint-arguments.ts';

const needed = ['--port=4567', '--s3=http://localstack:4566'];

describe('parseEndpointArguments', () => {
  it('reads them, listens on the loopback address and leaves the bucket alone by default', () => {
    expect(parseEndpointArguments([...needed, '--state=/state', '--cache=/cache'])).toEqual({
      host: '127.0.0.1',
      port: 4567,
      s3Endpoint: 'http://localstack:4566',
      stateDir: '/state',
      cacheDir: '/cache',
      makesBucket: false,
      allowedHosts: [],
      takesFaults: false,
    });
    const container = parseEndpointArguments([...needed, '--host=0.0.0.0', '--make-bucket']);
    expect(container).toMatchObject({ host: '0.0.0.0', makesBucket: true });
    const names = ['--allow-host=EMR', '--allow-host=host.docker.internal'];
    expect(parseEndpointArguments([...needed, ...names, '--take-faults'])).toMatchObject({
      allowedHosts: ['emr', 'host.docker.internal'],
      takesFaults: true,
    });
  });

  it.each([
    [['--s3=http://s3'], 'expected --port'],
    [['--port=70000', '--s3=http://s3'], 'expected --port'],
    [['--port=4567'], 'expected --s3'],
    [['--port=4567', '--s3=localhost'], 'expected --s3'],
    [[...needed, '--prot=4567'], '--prot'],
    [['redshift', ...needed], "Unexpected argument 'redshift'"],
  ])('rejects %j', (args, message) => {
    const parse = () => parseEndpointArguments(args);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });
});
