/** Validates and adds the steps of AddJobFlowSteps and RunJobFlow, all of them or none. */
import { randomBytes } from 'node:crypto';
import { ServiceError } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { isActive, type ClusterRecord, type StepRecord } from '../clusters/cluster.ts';
import { updateState } from '../clusters/cluster-machine.ts';
import type { StepConfig } from '../api/requests.ts';

/** PENDING, RUNNING and CANCEL_PENDING steps of one cluster (EMRMG/emr-view-steps, API model AddJobFlowSteps). */
const ACTIVE_STEPS_LIMIT = 256;

/** "The string values passed into HadoopJarStep object cannot exceed a total of 10240 characters" (API model, AddJobFlowSteps). */
const STEP_CHARACTERS_LIMIT = 10_240;

const NOT_MODIFIABLE = new Set(['TERMINATING', 'TERMINATED', 'TERMINATED_WITH_ERRORS']);
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Adds the steps as PENDING. @throws ServiceError with EMR's ValidationException. */
export function addSteps(
  cluster: ClusterRecord,
  configs: readonly StepConfig[],
  executionRoleArn: string | undefined,
  now: number,
): { cluster: ClusterRecord; ids: string[] } {
  if (NOT_MODIFIABLE.has(cluster.state)) {
    throw invalid('A job flow that is shutting down, terminated, or finished may not be modified.');
  }
  if (cluster.steps.filter(isActive).length + configs.length > ACTIVE_STEPS_LIMIT) {
    throw invalid(
      "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded.",
    );
  }
  const added = configs.map((config): StepRecord => {
    checkLength(config);
    checkAction(config, cluster.stepConcurrencyLevel);
    return {
      id: newId('s'),
      name: config.Name,
      // The model has no default; this is the default of `aws emr add-steps`.
      actionOnFailure: config.ActionOnFailure ?? 'CONTINUE',
      jar: config.HadoopJarStep.Jar,
      mainClass: config.HadoopJarStep.MainClass,
      args: config.HadoopJarStep.Args ?? [],
      properties: Object.fromEntries(
        (config.HadoopJarStep.Properties ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']),
      ),
      executionRoleArn,
      state: 'PENDING',
      createdAt: now,
    };
  });
  return {
    cluster: updateState({ ...cluster, steps: [...cluster.steps, ...added] }, now),
    ids: added.map((step) => step.id),
  };
}

/** An identifier in EMR's format: `j-` or `s-` and 13 capital letters and digits. */
export function newId(prefix: 'j' | 's'): string {
  const letters = Array.from(randomBytes(13), (byte) => LETTERS[byte % LETTERS.length] ?? '0');
  return `${prefix}-${letters.join('')}`;
}

function checkLength({ HadoopJarStep: jarStep }: StepConfig): void {
  const strings = [
    jarStep.Jar,
    jarStep.MainClass ?? '',
    ...(jarStep.Args ?? []),
    ...(jarStep.Properties ?? []).flatMap(({ Key, Value }) => [Key ?? '', Value ?? '']),
  ];
  const total = strings.reduce((sum, value) => sum + value.length, 0);
  if (total > STEP_CHARACTERS_LIMIT) {
    throw invalid(
      `The string values passed into HadoopJarStep object cannot exceed a total of ${STEP_CHARACTERS_LIMIT} characters; these have ${total}.`,
    );
  }
}

/** API model, StepConfig.ActionOnFailure: rejected if the cluster runs several steps at once. */
function checkAction({ ActionOnFailure: action }: StepConfig, concurrency: number): void {
  if (concurrency > 1 && action !== undefined && action !== 'CONTINUE') {
    throw invalid(
      `The ActionOnFailure setting is not valid: ${action} needs a StepConcurrencyLevel of 1, the cluster has ${concurrency}.`,
    );
  }
}

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);
