/** Creating, showing and deleting security configurations. */
import type { Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import type { SecurityConfigurations } from '../clusters/security-configurations.ts';
import { parseRequest, wrongInput, type OperationName } from './model.ts';
import { page } from './paging.ts';
import { seconds } from './replies.ts';
import * as requests from './requests.ts';

/** As EMR says it (hashicorp/terraform pull request 13620). */
export const unknownSecurityConfiguration = (name: string): string =>
  `Security configuration with name '${name}' does not exist.`;

export function securityOperations(known: SecurityConfigurations): Record<string, Operation> {
  const named = (operation: OperationName, input: unknown) => {
    const { Name } = parseRequest(operation, requests.ofSecurityConfiguration, input);
    const found = known.get(Name);
    if (found === undefined) throw wrongInput(operation, unknownSecurityConfiguration(Name));
    return found;
  };
  return {
    CreateSecurityConfiguration: (input) => {
      const operation = 'CreateSecurityConfiguration';
      const request = parseRequest(operation, requests.createSecurityConfiguration, input);
      const { Name: name, SecurityConfiguration: content } = request;
      if (known.get(name) !== undefined) {
        throw wrongInput(operation, `Security configuration with name '${name}' already exists.`);
      }
      const createdAt = Date.now();
      known.save({ name, content, createdAt });
      return { Name: name, CreationDateTime: seconds(createdAt) };
    },

    DescribeSecurityConfiguration: (input) => {
      const { name, content, createdAt } = named('DescribeSecurityConfiguration', input);
      return { Name: name, SecurityConfiguration: content, CreationDateTime: seconds(createdAt) };
    },

    DeleteSecurityConfiguration: (input) => {
      known.remove(named('DeleteSecurityConfiguration', input).name);
      return {};
    },

    ListSecurityConfigurations: (input) => {
      const operation = 'ListSecurityConfigurations';
      const { Marker } = parseRequest(operation, requests.listSecurityConfigurations, input);
      const { items, marker } = page(
        known.byName().map((one) => ({ id: one.name, ...one })),
        () => true,
        { operation, marker: Marker },
      );
      const SecurityConfigurations = items.map(({ name, createdAt }) => ({
        Name: name,
        CreationDateTime: seconds(createdAt),
      }));
      return { SecurityConfigurations, Marker: marker };
    },
  };
}
