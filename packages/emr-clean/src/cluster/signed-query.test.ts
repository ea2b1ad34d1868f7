import { expect, it } from 'vitest';
import { addressOf } from './signed-query.ts';

// AWS general reference, endpoints of IAM and EC2.
it.each([
  ['iam', 'eu-west-1', 'https://iam.amazonaws.com', 'us-east-1'],
  ['iam', 'cn-northwest-1', 'https://iam.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['iam', 'us-gov-east-1', 'https://iam.us-gov.amazonaws.com', 'us-gov-west-1'],
  ['ec2', 'eu-west-1', 'https://ec2.eu-west-1.amazonaws.com', 'eu-west-1'],
  ['ec2', 'cn-north-1', 'https://ec2.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
] as const)('%s of %s is asked at %s, signed for %s', (service, region, url, signed) => {
  expect(addressOf(service, region)).toEqual({ url, region: signed });
});
