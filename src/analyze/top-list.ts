/**
 * The `limit` items of the greatest value, in order. Equal ones stand in an order that is theirs, not that of their coming:
 * a part that was cut from a trace meets its goroutines in another order. Keeps 2 × limit + 64.
 */
export class TopList<Item> {
  private readonly limit: number;
  private readonly orderOfEqual: (a: Item, b: Item) => number;
  private candidates: { readonly item: Item; readonly value: number }[] = [];
  private threshold = Number.NEGATIVE_INFINITY;

  /** @param orderOfEqual negative when `a` comes before `b`; never 0 for two items */
  constructor(limit: number, orderOfEqual: (a: Item, b: Item) => number) {
    this.limit = limit;
    this.orderOfEqual = orderOfEqual;
  }

  /** What is less than this is not kept. */
  get least(): number {
    return this.threshold;
  }

  offer(item: Item, value: number): void {
    if (value < this.threshold || this.limit <= 0) return;
    this.candidates.push({ item, value });
    if (this.candidates.length >= this.limit * 2 + 64) this.cut();
  }

  items(): Item[] {
    this.cut();
    return this.candidates.map(({ item }) => item);
  }

  private cut(): void {
    this.candidates.sort((a, b) => b.value - a.value || this.orderOfEqual(a.item, b.item));
    this.candidates = this.candidates.slice(0, this.limit);
    if (this.candidates.length === this.limit) this.threshold = this.candidates.at(-1)?.value ?? this.threshold;
  }
}
