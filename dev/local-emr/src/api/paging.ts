/** Pages of a list. A marker names the last item returned, so that new items at its begin do not shift later pages. */
import { wrongInput, type OperationName } from './model.ts';

/** ListSteps and ListClusters return at most 50 items (API model, ListSteps). */
const PAGE_SIZE = 50;

interface Request {
  /** The operation, for its exception. */
  readonly operation: OperationName;
  readonly marker: string | undefined;
  readonly size?: number;
}

interface Page<Item> {
  readonly items: Item[];
  /** Undefined on the last page. */
  readonly marker: string | undefined;
}

/** The next page of the wanted items. @throws ServiceError if the marker does not name an item of the list. */
export function page<Item extends { readonly id: string }>(
  list: readonly Item[],
  wanted: (item: Item) => boolean,
  { operation, marker, size = PAGE_SIZE }: Request,
): Page<Item> {
  let rest = list;
  if (marker !== undefined) {
    const id = Buffer.from(marker, 'base64url').toString();
    const last = list.findIndex((item) => item.id === id);
    if (last === -1) throw wrongInput(operation, `Marker '${marker}' is not valid.`);
    rest = list.slice(last + 1);
  }
  const matching = rest.filter(wanted);
  const items = matching.slice(0, size);
  const last = items.at(-1);
  const more = matching.length > items.length && last !== undefined;
  return { items, marker: more ? Buffer.from(last.id).toString('base64url') : undefined };
}
