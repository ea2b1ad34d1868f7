import { expect, it } from 'vitest';
import { greeting } from './login.ts';

it.each([
  ['server_version', '8.0.2'],
  ['server_encoding', 'UTF8'],
  ['client_encoding', 'UTF8'],
  ['DateStyle', 'ISO, MDY'],
  ['TimeZone', 'UTC'],
  ['integer_datetimes', 'on'],
  ['is_superuser', 'on'],
  ['session_authorization', 'somebody'],
  ['padb_version', '8.0.2'],
])('a server says that %s is %s', (name, value) => {
  expect(greeting('somebody').toString()).toContain(`${name}\0${value}\0`);
});
