import { describe, expect, it } from 'vitest';
import { emrFailure, isUnknownStep, mayHaveBeenApplied } from './errors.ts';

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
      const failure = emrFailure('add a step', 'j-1', cause);
      expect(failure.kind).toBe('configuration');
      expect(failure.message).toContain('cluster j-1 is gone');
      expect(failure.action).toContain('EMR_CLUSTER_ID');
    }
  });

  it('is transient if the cluster is full or the service has trouble', () => {
    const full = error('ValidationException', 'Maximum number of active steps exceeded.', 400);
    expect(emrFailure('add a step', 'j-1', full).kind).toBe('transient');
    const throttled = error('ThrottlingException', 'Rate exceeded', 400);
    expect(emrFailure('list', 'j-1', throttled).kind).toBe('transient');
    expect(emrFailure('list', 'j-1', error('InternalServerException', '', 500)).kind).toBe(
      'transient',
    );
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
