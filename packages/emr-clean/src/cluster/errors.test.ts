import { describe, expect, it } from 'vitest';
import {
  emrFailure,
  isRefusedCluster,
  isUnknownStep,
  mayHaveBeenApplied,
  refusal,
} from './errors.ts';

const cluster = { id: 'j-1', isTransient: false };

const error = (name: string, message: string, httpStatusCode?: number) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

describe('emrFailure', () => {
  it('recognises a cluster that is gone by the message of each operation', () => {
    for (const cause of [
      error('InvalidRequestException', "Cluster id 'j-1' is not valid.", 400),
      error('ValidationException', 'Specified job flow ID does not exist.', 400),
      error(
        'ValidationException',
        'A job flow that is shutting down, terminated, or finished may not be modified.',
        400,
      ),
    ]) {
      const failure = emrFailure('add a step', cluster, cause);
      expect(failure.kind).toBe('configuration');
      expect(failure.message).toContain('cluster j-1 is gone');
      expect(failure.action).toContain('EMR_CLUSTER_ID');
    }
  });

  it('that the own cluster of a run is gone is transient: the next run starts another one', () => {
    const gone = error('InvalidRequestException', "Cluster id 'j-1' is not valid.", 400);
    const failure = emrFailure('add a step', { id: 'j-1', isTransient: true }, gone);
    expect(failure.kind).toBe('transient');
    expect(failure.message).toContain('cluster j-1 of this run is gone');
  });

  it.each([
    ['Rate exceeded', 'transient'],
    ['Insufficient instance capacity in this zone', 'transient'],
    ["You've reached the limit on the number of instances", 'transient'],
    ['Service is temporarily unable to process the request', 'transient'],
    ['Instance type m99.large is not supported', 'configuration'],
    ['InstanceProfile is required', 'configuration'],
  ])('and a refused start tell the moment from the settings: %s is %s', (message, kind) => {
    const refused = error('ValidationException', message, 400);
    expect(refusal('start cluster x', refused).kind).toBe(kind);
    expect(emrFailure('add a step', cluster, refused).kind).toBe(kind);
  });

  it('is transient if the cluster is full or the service has trouble', () => {
    const full = error('ValidationException', 'Maximum number of active steps exceeded.', 400);
    expect(emrFailure('add a step', cluster, full).kind).toBe('transient');
    const throttled = error('ThrottlingException', 'Rate exceeded', 400);
    expect(emrFailure('list', cluster, throttled).kind).toBe('transient');
    expect(emrFailure('list', cluster, error('InternalServerException', '', 500)).kind).toBe(
      'transient',
    );
  });
});

describe('isRefusedCluster', () => {
  it.each([
    ['VALIDATION_ERROR', 'Service role x has insufficient EC2 permissions', true],
    ['VALIDATION_ERROR', 'You must also specify a ServiceAccessSecurityGroup', true],
    ['VALIDATION_ERROR', 'Insufficient instance capacity in this zone', false],
    ['INSTANCE_FAILURE', 'The master node was terminated by user.', false],
    [undefined, '', false],
  ])('tells settings from a lack that passes: %s, %s', (code, message, expected) => {
    expect(isRefusedCluster(code, message)).toBe(expected);
  });
});

describe('mayHaveBeenApplied', () => {
  it('is false only for a refusal', () => {
    expect(mayHaveBeenApplied(error('ThrottlingException', '', 400))).toBe(false);
    expect(mayHaveBeenApplied(error('InternalServerException', '', 500))).toBe(true);
    expect(mayHaveBeenApplied(Object.assign(new Error(), { code: 'ECONNRESET' }))).toBe(true);
    expect(mayHaveBeenApplied(error('TimeoutError', 'socket'))).toBe(true);
  });
});

describe('isUnknownStep', () => {
  it('distinguishes an unknown step from an unknown cluster', () => {
    expect(isUnknownStep(error('InvalidRequestException', "Step id 's-1' is not valid."))).toBe(
      true,
    );
    expect(isUnknownStep(error('InvalidRequestException', "Cluster id 'j-1' is not valid."))).toBe(
      false,
    );
  });
});
