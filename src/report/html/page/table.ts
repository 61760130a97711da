/** A table that sorts by any column, filters, and shows more rows when asked. */
import { element, visible } from './dom.js';

export interface Column<Row> {
  readonly title: string;
  /** What is shown. */
  text(row: Row): string;
  /** What it is sorted by; texts by their letters. Numbers stand to the right. */
  value(row: Row): number | string;
}

export interface TableOptions {
  /** Names the table to those who do not see it. */
  readonly label: string;
  readonly filter?: 'filterable';
  /** Rows shown before "more". */
  readonly first?: number;
}

const ROWS_FIRST = 15;

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: TableOptions): HTMLElement {
  return new SortableTable(columns, rows, options).root;
}

class SortableTable<Row> {
  readonly root: HTMLElement;
  readonly #columns: readonly Column<Row>[];
  readonly #rows: readonly Row[];
  readonly #body = element('tbody');
  readonly #heads: readonly HTMLTableCellElement[];
  readonly #more = element('button', { type: 'button', class: 'more' });
  readonly #status = element('p', { class: 'note', role: 'status' });
  #sort: { column: number; direction: 1 | -1 } | undefined;
  #filter = '';
  #shown: number;

  constructor(
    columns: readonly Column<Row>[],
    rows: readonly Row[],
    { label, filter, first = ROWS_FIRST }: TableOptions,
  ) {
    this.#columns = columns;
    this.#rows = rows;
    this.#shown = first;
    this.#heads = columns.map((column, index) => this.#head(column, index));
    this.#more.addEventListener('click', () => {
      this.#shown = this.#shown * 4;
      this.#draw();
    });
    const grid = element(
      'table',
      { 'aria-label': label },
      element('thead', {}, element('tr', {}, ...this.#heads)),
      this.#body,
    );
    const search = filter === undefined ? [] : [this.#search(label)];
    const scroller = element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, grid);
    this.root = element('div', { class: 'table' }, ...search, scroller, this.#more, ...(filter ? [this.#status] : []));
    this.#draw();
  }

  #head(column: Column<Row>, index: number): HTMLTableCellElement {
    const button = element('button', { type: 'button' }, column.title);
    button.addEventListener('click', () => this.#sortBy(index));
    const isNumber = this.#rows.length > 0 && typeof column.value(this.#rows[0]!) === 'number';
    return element('th', { scope: 'col', class: isNumber ? 'number' : 'text' }, button);
  }

  #search(label: string): HTMLElement {
    const input = element('input', { type: 'search', placeholder: 'filter', 'aria-label': `filter ${label}` });
    input.addEventListener('input', () => {
      this.#filter = input.value.toLowerCase();
      this.#draw();
    });
    return input;
  }

  #sortBy(column: number): void {
    const isNumber = typeof this.#columns[column]?.value(this.#rows[0]!) === 'number';
    const first = isNumber ? -1 : 1;
    const same = this.#sort?.column === column;
    this.#sort = { column, direction: same ? (this.#sort!.direction === 1 ? -1 : 1) : first };
    this.#draw();
  }

  #draw(): void {
    const matching = this.#rows.filter((row) => this.#matches(row));
    const rows = this.#sorted(matching);
    this.#body.replaceChildren(...rows.slice(0, this.#shown).map((row) => this.#line(row)));
    this.#more.hidden = rows.length <= this.#shown;
    this.#more.textContent = `show more of ${rows.length.toLocaleString('en-US')}`;
    this.#status.textContent = this.#filter === '' ? '' : `${rows.length.toLocaleString('en-US')} match`;
    for (const [index, head] of this.#heads.entries()) {
      const sorted = this.#sort?.column === index;
      head.setAttribute('aria-sort', sorted ? (this.#sort?.direction === 1 ? 'ascending' : 'descending') : 'none');
    }
  }

  #matches(row: Row): boolean {
    if (this.#filter === '') return true;
    return this.#columns.some((column) => column.text(row).toLowerCase().includes(this.#filter));
  }

  #sorted(rows: readonly Row[]): readonly Row[] {
    const { column, direction } = this.#sort ?? { column: -1, direction: 1 };
    const by = this.#columns[column];
    if (by === undefined) return rows;
    return rows.toSorted((a, b) => direction * compare(by.value(a), by.value(b)));
  }

  #line(row: Row): HTMLTableRowElement {
    const cells = this.#columns.map((column) => {
      const isNumber = typeof column.value(row) === 'number';
      return element('td', { class: isNumber ? 'number' : 'text' }, visible(column.text(row)));
    });
    return element('tr', {}, ...cells);
  }
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b));
}
