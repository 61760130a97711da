/** The first `top` of a sorted list, and how many more there are. */
export function topOf<Item>(items: readonly Item[], top: number): { list: Item[]; omitted: number } {
  return { list: items.slice(0, top), omitted: Math.max(0, items.length - top) };
}

/** An order that is that of the texts and never of a locale. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
