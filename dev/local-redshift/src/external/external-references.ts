/** Replaces the external tables that a statement reads with views. */
import { prunePartitions, type PartitionCondition } from './partition-pruning.ts';
import {
  identifier,
  isObject,
  listAt,
  mapTree,
  objectAt,
  textAt,
  walkTree,
  type Json,
  type JsonObject,
} from '../sql/syntax-tree.ts';
import type { ExternalTable } from './external-definition.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

/** One reference to an external table in a statement. */
export interface ExternalScan {
  /** The view that replaces it. */
  readonly view: string;
  readonly table: ExternalTable;
  /** The statement's conditions on the partition columns; other partitions need not be read. */
  readonly conditions: readonly PartitionCondition[];
  readonly withPath: boolean;
  readonly withSize: boolean;
}

/** Finds an external table; undefined if the schema is not external. */
export type FindExternalTable = (schema: string, name: string) => ExternalTable | undefined;

export interface Resolved {
  readonly statement: Json;
  readonly scans: readonly ExternalScan[];
}

/** Replaces each reference. @throws WarehouseError for a write, and for a table that does not exist. */
export function resolveExternalTables(statement: Json, find: FindExternalTable): Resolved {
  rejectWrites(statement, find);
  const scans: ExternalScan[] = [];
  const pseudo = pseudoColumns(statement);
  const replaceTable = (table: Json): Json => {
    const found = isObject(table) ? lookUp(table, find) : undefined;
    if (!isObject(table) || found === undefined) return table;
    const view = `rs_external_${scans.length}`;
    // The enclosing SELECT is visited later and adds the conditions.
    scans.push({ view, table: found, conditions: [], ...pseudo });
    return replacement(table, view, found);
  };
  const replaced = mapTree(statement, (node, path) => {
    if (isObject(node['table']) && Object.keys(node).length === 1) {
      return { table: replaceTable(node['table']) };
    }
    const body = node['delete'];
    if (isObject(body) && path.length === 0) {
      const using = listAt(body, 'using').map((table) => replaceTable(table));
      return { delete: { ...body, using } };
    }
    return hasSources(node) ? withConditions(node, scans) : withoutSchema(node, find, path);
  });
  return { statement: expandStars(replaced, scans, pseudo), scans };
}

function lookUp(table: JsonObject, find: FindExternalTable): ExternalTable | undefined {
  const schema = textAt(table, 'schema', 'name')?.toLowerCase();
  const name = textAt(table, 'name', 'name')?.toLowerCase();
  return schema === undefined || name === undefined ? undefined : find(schema, name);
}

function replacement(table: JsonObject, view: string, found: ExternalTable): JsonObject {
  return {
    ...table,
    name: identifier(view),
    schema: null,
    catalog: null,
    alias: table['alias'] ?? identifier(found.name),
    alias_explicit_as: true,
  };
}

function hasSources(node: JsonObject): boolean {
  return 'where_clause' in node && ('from' in node || 'from_clause' in node);
}

/** Adds the conditions of the scans that this SELECT (or UPDATE) reads directly. */
function withConditions(node: JsonObject, scans: ExternalScan[]): JsonObject {
  for (const [index, scan] of scans.entries()) {
    const conditions = prunePartitions(node, scan.view, scan.table.partitionColumns);
    if (conditions.length > 0) scans[index] = { ...scan, conditions };
  }
  return node;
}

/** `schema.table.column` of an external table becomes `table.column`, since the view has no schema. */
function withoutSchema(node: JsonObject, find: FindExternalTable, path: readonly string[]): Json {
  const dot = node['dot'];
  if (!isObject(dot) || path.length === 0) return node;
  const schema = textAt(dot, 'this', 'column', 'table', 'name');
  const table = objectAt(dot, 'this', 'column', 'name');
  const name = textAt(table, 'name');
  if (schema === undefined || name === undefined || table === undefined) return node;
  if (find(schema.toLowerCase(), name.toLowerCase()) === undefined) return node;
  return {
    column: { name: dot['field'] ?? null, table, join_mark: false, trailing_comments: [] },
  };
}

function rejectWrites(statement: Json, find: FindExternalTable): void {
  if (!isObject(statement)) return;
  for (const kind of ['insert', 'update', 'delete'] as const) {
    const target = objectAt(statement, kind, 'table');
    if (target !== undefined && lookUp(target, find) !== undefined) {
      throw new WarehouseError(`cannot ${kind} rows of an external table here`);
    }
  }
  const merged = objectAt(statement, 'merge', 'this', 'table');
  if (merged !== undefined && lookUp(merged, find) !== undefined) {
    throw new WarehouseError('cannot merge rows into an external table here');
  }
}

function pseudoColumns(statement: Json): { withPath: boolean; withSize: boolean } {
  let [withPath, withSize] = [false, false];
  walkTree(statement, (node) => {
    const name = textAt(node, 'column', 'name', 'name') ?? textAt(node, 'dot', 'field', 'name');
    withPath ||= name?.toLowerCase() === '$path';
    withSize ||= name?.toLowerCase() === '$size';
  });
  return { withPath, withSize };
}

/** `*` does not include the pseudo-columns (c-spectrum-external-tables), so it is expanded if a statement uses them. */
function expandStars(
  statement: Json,
  scans: readonly ExternalScan[],
  pseudo: { withPath: boolean; withSize: boolean },
): Json {
  if (!pseudo.withPath && !pseudo.withSize) return statement;
  return mapTree(statement, (node) => {
    const select = node['select'];
    if (!isObject(select)) return node;
    const joins = listAt(select, 'joins').filter(isObject);
    const sources = [
      ...listAt(select, 'from', 'expressions'),
      ...joins.map((join) => join['this'] ?? null),
    ];
    const expressions = listAt(select, 'expressions').flatMap((item) => {
      const star = objectAt(item, 'star');
      if (star === undefined) return [item];
      const alias = textAt(star, 'table', 'name');
      const matching =
        alias === undefined
          ? sources
          : sources.filter((source) => textAt(source, 'table', 'alias', 'name') === alias);
      const scan = scans.find(
        (known) => known.view === textAt(matching[0], 'table', 'name', 'name'),
      );
      return matching.length === 1 && scan !== undefined
        ? columnsOf(scan, objectAt(matching[0], 'table', 'alias') ?? null)
        : [item];
    });
    return { select: { ...select, expressions } };
  });
}

function columnsOf(scan: ExternalScan, table: Json): Json[] {
  return [...scan.table.columns, ...scan.table.partitionColumns].map((column) => ({
    column: {
      name: { ...identifier(column.name), quoted: true },
      table,
      join_mark: false,
      trailing_comments: [],
    },
  }));
}
