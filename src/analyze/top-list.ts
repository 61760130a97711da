/** The `limit` items of the greatest value, in order; equal ones in the order in which they came. Keeps 2 × limit + 64. */
export class TopList<Item> {
  private readonly limit: number;
  private candidates: { readonly item: Item; readonly value: number; readonly order: number }[] = [];
  private threshold = Number.NEGATIVE_INFINITY;
  private offered = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  offer(item: Item, value: number): void {
    const order = this.offered++;
    if (value <= this.threshold || this.limit <= 0) return;
    this.candidates.push({ item, value, order });
    if (this.candidates.length >= this.limit * 2 + 64) this.cut();
  }

  items(): Item[] {
    this.cut();
    return this.candidates.map(({ item }) => item);
  }

  private cut(): void {
    this.candidates.sort((a, b) => b.value - a.value || a.order - b.order);
    this.candidates = this.candidates.slice(0, this.limit);
    if (this.candidates.length === this.limit) this.threshold = this.candidates.at(-1)?.value ?? this.threshold;
  }
}
