/** Pages of a newest-first list. A marker names the last item returned, so that new items do not shift later pages. */

/** ListSteps and ListClusters return at most 50 items (API model, ListSteps). */
const PAGE_SIZE = 50;

interface Page<Item> {
  readonly items: Item[];
  /** Undefined on the last page. */
  readonly marker: string | undefined;
}

/** Undefined if the marker does not name an item of the list. */
export function page<Item extends { readonly id: string }>(
  newestFirst: readonly Item[],
  wanted: (item: Item) => boolean,
  marker: string | undefined,
): Page<Item> | undefined {
  let rest = newestFirst;
  if (marker !== undefined) {
    const id = Buffer.from(marker, 'base64url').toString();
    const last = newestFirst.findIndex((item) => item.id === id);
    if (last === -1) return undefined;
    rest = newestFirst.slice(last + 1);
  }
  const matching = rest.filter(wanted);
  const items = matching.slice(0, PAGE_SIZE);
  const last = items.at(-1);
  const more = matching.length > items.length && last !== undefined;
  return { items, marker: more ? Buffer.from(last.id).toString('base64url') : undefined };
}
