import { expect, test } from 'vitest';
import { printedName } from '../../src/goexe/printed-name.js';

test.each([
  ['main.main', 'main.main'],
  ['main.(*Server).serve', 'main.(*Server).serve'],
  ['main.Map[go.shape.int,go.shape.string]', 'main.Map[...]'],
  ['main.Map[...]', 'main.Map[...]'],
  ['main.(*List[go.shape.*uint8]).Push', 'main.(*List[...]).Push'],
  ['main.Keys[go.shape.map[string]int].func1', 'main.Keys[...].func1'],
  // Generic methods of generic types (Go 1.27).
  ['main.(*List[go.shape.int]).Map[go.shape.string]', 'main.(*List[...]).Map[...]'],
  ['type:.eq.[2]interface {}', 'type:.eq.[...]interface {}'],
  ['odd]name[', 'odd]name['],
  ['odd[name', 'odd[name'],
])('%s is printed as %s', (name, printed) => {
  expect(printedName(name)).toBe(printed);
});
