import { describe, expect, it } from 'vitest';
import { parseEndpointArguments, UsageError } from './endpoint-arguments.ts';

const usual = ['--port=4567', '--s3=http://localstack:4566'];

describe('parseEndpointArguments', () => {
  it('reads them, listens on the loopback address and leaves the bucket alone by default', () => {
    expect(parseEndpointArguments([...usual, '--state=/state', '--cache=/cache'])).toEqual({
      host: '127.0.0.1',
      port: 4567,
      s3Endpoint: 'http://localstack:4566',
      stateDir: '/state',
      cacheDir: '/cache',
      makesBucket: false,
      allowedHosts: [],
      takesFaults: false,
      own: {},
    });
    const container = parseEndpointArguments([...usual, '--host=0.0.0.0', '--make-bucket']);
    expect(container).toMatchObject({ host: '0.0.0.0', makesBucket: true });
    const names = ['--allow-host=EMR', '--allow-host=host.docker.internal'];
    expect(parseEndpointArguments([...usual, ...names, '--take-faults'])).toMatchObject({
      allowedHosts: ['emr', 'host.docker.internal'],
      takesFaults: true,
    });
  });

  it('needs none: a free port, temporary folders and no S3', () => {
    expect(parseEndpointArguments([])).toEqual({
      host: '127.0.0.1',
      port: 0,
      s3Endpoint: undefined,
      stateDir: undefined,
      cacheDir: undefined,
      makesBucket: false,
      allowedHosts: [],
      takesFaults: false,
      own: {},
    });
  });

  it('returns what only this emulator takes', () => {
    const { own } = parseEndpointArguments(['--python=python3.11'], ['python', 'spark-home']);
    expect(own).toEqual({ python: 'python3.11' });
    expect(() => parseEndpointArguments(['--python=python3.11'])).toThrow('--python');
  });

  it.each([
    [['--port='], 'expected --port'],
    [['--port=70000'], 'expected --port'],
    [['--s3=localhost'], 'expected --s3'],
    [['--make-bucket'], '--make-bucket needs --s3'],
    [[...usual, '--prot=4567'], '--prot'],
    [['redshift', ...usual], "Unexpected argument 'redshift'"],
  ])('rejects %j', (args, message) => {
    const parse = () => parseEndpointArguments(args);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });
});
