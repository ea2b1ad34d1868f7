import { describe, expect, it } from 'vitest';
import { commandTag, sessionCommand } from './session-commands.ts';
import { tokenize } from '../sql/sql-tokens.ts';

describe('sessionCommand', () => {
  it.each([
    ['BEGIN', { kind: 'begin' }],
    ['begin transaction isolation level serializable', { kind: 'begin' }],
    ['start transaction read only', { kind: 'begin' }],
    ['end', { kind: 'commit' }],
    ['abort work', { kind: 'rollback' }],
    ["set query_group to 'a b'", { kind: 'set', name: 'query_group', values: ['a b'] }],
    [
      'SET search_path = "$user", Marts',
      { kind: 'set', name: 'search_path', values: ['$user', 'Marts'] },
    ],
    [
      'set session statement_timeout to 10',
      { kind: 'set', name: 'statement_timeout', values: ['10'] },
    ],
    ['set session characteristics as transaction read write', { kind: 'nothing', tag: 'SET' }],
    ['reset all', { kind: 'reset-all' }],
    ['reset query_group', { kind: 'reset', name: 'query_group' }],
    ['show transaction isolation level', { kind: 'show', name: 'transaction isolation level' }],
    ['discard all', { kind: 'nothing', tag: 'DISCARD ALL' }],
  ])('understands %s', (sql, command) => {
    expect(sessionCommand(tokenize(sql))).toEqual(command);
  });

  it.each(['select 1', 'savepoint a', 'rollback to savepoint a', 'start', '(select 1)', 'settle'])(
    'leaves %s to the warehouse',
    (sql) => {
      expect(sessionCommand(tokenize(sql))).toBeUndefined();
    },
  );
});

describe('commandTag', () => {
  it.each([
    ['insert into t values (1)', 'INSERT 0 3'],
    ['with a as (select 1) insert into t select * from a', 'INSERT 0 3'],
    ['with a as (select 1) delete from t using a', 'DELETE 3'],
    ['update t set a = 1', 'UPDATE 3'],
    ['create table t (a int)', 'CREATE TABLE'],
    ['create external table s.t (a int)', 'CREATE TABLE'],
    ['create or replace view v as select 1', 'CREATE VIEW'],
    ['alter table t rename to u', 'ALTER TABLE'],
    ['drop schema s', 'DROP SCHEMA'],
    ['lock t', 'LOCK TABLE'],
    ['truncate t', 'TRUNCATE TABLE'],
    ['vacuum', 'VACUUM'],
  ])('of %s is %s', (sql, tag) => {
    expect(commandTag(tokenize(sql), 3)).toBe(tag);
  });
});
