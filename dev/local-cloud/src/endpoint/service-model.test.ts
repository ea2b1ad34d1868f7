import { expect, it } from 'vitest';
import { checkedOperations, type ServiceModel } from './service-model.ts';

const model: ServiceModel = {
  operations: {
    Old: { input: 'Request', errors: ['InternalServerError'] },
    New: { input: 'Request', errors: ['InvalidRequestException'] },
  },
  shapes: {
    Request: {
      type: 'structure',
      required: ['Name'],
      members: { Name: 'Name', Size: 'Size', Kinds: 'Kinds', Labels: 'Labels', Again: 'Request' },
    },
    Name: {
      type: 'string',
      min: 1,
      max: 3,
      pattern: '[\\u0020-\\uD7FF\\uD800\\uDC00-\\uDBFF\\uDFFF]*',
    },
    Size: { type: 'integer', min: 1, max: 9 },
    Kinds: { type: 'list', member: 'Kind', max: 2 },
    Kind: { type: 'string', enum: ['A', 'B'] },
    Labels: { type: 'map', value: 'Name' },
  },
};
const echo = (input: Record<string, unknown>) => input;
const operations = checkedOperations(model, { Old: echo, New: echo });
const context = { signal: new AbortController().signal };
const call = (input: object, name = 'Old'): unknown =>
  operations[name]?.(input as Record<string, unknown>, context);

it('passes a request that fits the model, without its nulls', () => {
  const fits = {
    Name: '😀',
    Size: 9,
    Kinds: ['A', 'B'],
    Labels: { any: 'a' },
    Again: { Name: 'b' },
  };
  expect(call({ ...fits, Size: null })).toEqual({ ...fits, Size: undefined });
});

it.each([
  [{}, "Value null at 'Name' failed to satisfy constraint: Member must not be null"],
  [{ Name: '' }, 'length greater than or equal to 1'],
  [{ Name: 'abcd' }, 'length less than or equal to 3'],
  [{ Name: '\u0001' }, 'regular expression pattern'],
  [{ Name: 'a', Size: 10 }, 'value less than or equal to 9'],
  [{ Name: 'a', Kinds: ['C'] }, "'Kinds.0' failed to satisfy constraint: Member must satisfy enum"],
  [{ Name: 'a', Kinds: ['A', 'A', 'A'] }, 'length less than or equal to 2'],
  [{ Name: 'a', Labels: { x: 'long' } }, "'Labels.x'"],
  [{ Name: 'a', Nmae: 'b' }, "'Nmae' is not a member"],
  [{ Size: 0, Again: {} }, '3 validation errors detected'],
])('refuses %j', (input, message) => {
  expect(() => call(input)).toThrow(message);
  expect(() => call(input)).toThrow(expect.objectContaining({ code: 'ValidationException' }));
});

it.each([
  [{ Name: 1 }],
  [{ Name: 'a', Size: '1' }],
  [{ Name: 'a', Size: 1.5 }],
  [{ Name: 'a', Kinds: 'A' }],
  [{ Name: 'a', Labels: ['a'] }],
])('refuses the type of %j', (input) => {
  expect(() => call(input)).toThrow(expect.objectContaining({ code: 'SerializationException' }));
});

it('uses the exception that the operation declares, with its error code', () => {
  expect(() => call({}, 'New')).toThrow(
    expect.objectContaining({
      code: 'InvalidRequestException',
      fields: { ErrorCode: 'InvalidRequest' },
    }),
  );
});

it('demands exactly the operations of the model', () => {
  expect(() => checkedOperations(model, { Old: echo })).toThrow('New,Old');
});
