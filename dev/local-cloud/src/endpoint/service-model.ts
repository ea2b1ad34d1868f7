/** Checks requests with the API model of a service, as botocore has it (dev/testkit/src/pruned_model.py writes it). */
import { type Operation, ServiceError } from './json-endpoint.ts';

interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, string>>;
  readonly member?: string;
  readonly value?: string;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Must match the whole text. */
  readonly pattern?: string;
}

export interface ServiceModel {
  /** The operations that the endpoint emulates; `errors` are the shapes that each declares. */
  readonly operations: Readonly<
    Record<string, { readonly input: string; readonly errors: readonly string[] }>
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** The exception of invalid input: what the operation declares, otherwise the one of all AWS services. */
export function invalidInput(
  model: ServiceModel,
  operation: string,
  message: string,
): ServiceError {
  return model.operations[operation]?.errors.includes('InvalidRequestException') === true
    ? new ServiceError('InvalidRequestException', message, { ErrorCode: 'InvalidRequest' })
    : new ServiceError('ValidationException', message);
}

/**
 * The same operations, which only see requests that fit the model. Others get a SerializationException for a wrong
 * type, and an error that lists all other faults. AWS ignores members it does not know; here they are refused, so
 * that nothing is ignored that AWS might know by now.
 * @throws if the model and the operations do not have the same names.
 */
export function checkedOperations(
  model: ServiceModel,
  operations: Readonly<Record<string, Operation>>,
): Record<string, Operation> {
  const names = Object.keys(model.operations).sort();
  const emulated = Object.keys(operations).sort();
  if (names.join() !== emulated.join()) {
    throw new Error(`the model has the operations ${names.join()}, not ${emulated.join()}`);
  }
  return Object.fromEntries(
    Object.entries(operations).map(([name, run]): [string, Operation] => [
      name,
      (input, context) => {
        const given = withoutNulls(input) as Record<string, unknown>;
        const faults = requestFaults(model, name, given);
        if (faults.length > 0) {
          const count = `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected`;
          throw invalidInput(model, name, `${count}: ${faults.join('; ')}`);
        }
        return run(given, context);
      },
    ]),
  );
}

/** JSON 1.1 treats null like a member that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutNulls(part)]));
}

/** Every constraint that the request breaks. @throws ServiceError for a wrong type. */
function requestFaults(model: ServiceModel, operation: string, input: unknown): string[] {
  const faults: string[] = [];
  const visit = (name: string, value: unknown, path: string): void => {
    const shape = model.shapes[name];
    if (shape === undefined) throw new Error(`the model has no shape ${name}`);
    mustHaveType(shape, value, path);
    const fault = (constraint: string): void => {
      faults.push(`Value at '${path}' failed to satisfy constraint: ${constraint}`);
    };
    checkValue(shape, value, fault);
    if (Array.isArray(value)) {
      value.forEach((part, index) => {
        visit(shape.member ?? '', part, below(path, index));
      });
    } else if (typeof value === 'object' && value !== null) {
      for (const missing of shape.required?.filter((member) => !(member in value)) ?? []) {
        faults.push(
          `Value null at '${below(path, missing)}' failed to satisfy constraint: Member must not be null`,
        );
      }
      for (const [key, part] of Object.entries(value)) {
        const member = shape.type === 'map' ? shape.value : shape.members?.[key];
        if (member !== undefined) visit(member, part, below(path, key));
        else faults.push(`'${below(path, key)}' is not a member that the API model has`);
      }
    }
  };
  visit(model.operations[operation]?.input ?? '', input, '');
  return faults;
}

const below = (path: string, key: string | number): string =>
  path === '' ? String(key) : `${path}.${key}`;

function mustHaveType({ type }: Shape, value: unknown, path: string): void {
  const found = Array.isArray(value) ? 'list' : typeof value;
  const wanted: Readonly<Record<string, string>> = {
    structure: 'object',
    map: 'object',
    list: 'list',
    string: 'string',
    blob: 'string',
    boolean: 'boolean',
  };
  const isWhole = type !== 'integer' && type !== 'long' ? true : Number.isInteger(value);
  if (found === (wanted[type] ?? 'number') && isWhole) return;
  throw new ServiceError(
    'SerializationException',
    `Value at '${path}' is not of type ${type}: ${JSON.stringify(value).slice(0, 100)}`,
  );
}

function checkValue(shape: Shape, value: unknown, fault: (constraint: string) => void): void {
  const [size, what] =
    typeof value === 'string' || Array.isArray(value)
      ? [value.length, 'Member must have length']
      : [value, 'Member must have value'];
  if (typeof size === 'number') {
    if (size > (shape.max ?? Infinity)) fault(`${what} less than or equal to ${shape.max ?? ''}`);
    if (size < (shape.min ?? -Infinity)) {
      fault(`${what} greater than or equal to ${shape.min ?? ''}`);
    }
  }
  if (typeof value !== 'string') return;
  if (shape.enum?.includes(value) === false) {
    fault(`Member must satisfy enum value set: [${shape.enum.join(', ')}]`);
  }
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, 'u').test(value)) {
    fault(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  }
}
