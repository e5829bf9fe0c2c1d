import test from 'ava';
import { createColors, NO_COLORS } from '../terminal/colors.js';
import { cutTo, fitColumns } from './fit.js';
import { renderTable, TableStream, type Column } from './table.js';

const COLUMNS: Column[] = [
  { head: 'id' },
  { head: 'n', align: 'right' },
  { head: 'why', least: 5 },
  { head: 'host', least: 4, leaveOut: 1 },
];
const long = ['a-1', 7, 'because it is a long story', 'somewhere.example.org'] as const;

test('nothing is cut without a width; on a terminal all lines fit', (t) => {
  t.is(
    renderTable(COLUMNS, [long], NO_COLORS),
    'ID   N  WHY                         HOST\na-1  7  because it is a long story  somewhere.example.org',
  );
  for (const width of [40, 30, 20, 14]) {
    const lines = renderTable(COLUMNS, [long], NO_COLORS, width).split('\n');
    t.true(
      lines.every((line) => line.length <= width),
      lines.join('\n'),
    );
  }
  t.is(renderTable(COLUMNS, [long], NO_COLORS, 30), 'ID   N  WHY          HOST\na-1  7  because it…  somewher…');
  t.is(renderTable(COLUMNS, [long], NO_COLORS, 14), 'ID   N  WHY\na-1  7  becau…');
});

test('a cell is one line and holds no control character; colours do not count', (t) => {
  const colors = createColors(true, { TERM: 'xterm' });
  const shown = renderTable(
    [{ head: 'x' }, { head: 'y' }],
    [
      ['a\n\u001b[2Jb', colors.red('r')],
      ['c', 'd'],
    ],
    NO_COLORS,
  );
  t.is(shown.split('\n').length, 3);
  t.true(shown.includes('a\\n\\u001b[2Jb  '));
  t.regex(shown, /^c {14}d$/m);
});

test('rows that come one by one are aligned by the first of them', (t) => {
  const table = new TableStream([{ head: 'id' }, { head: 'why', least: 4 }], NO_COLORS, 12);
  const lines: string[] = [];
  for (let n = 0; n < 250; n++) lines.push(...table.add([`t${n}`, n === 200 ? 'a long reason' : 'short']));
  lines.push(...table.end());
  t.is(lines.length, 251);
  t.is(lines[0], 'ID   WHY');
  t.is(lines[201], 't200  a lo…');
  t.deepEqual(new TableStream([{ head: 'id' }], NO_COLORS).end(), []);
});

test('a terminal of any width is filled and never overfilled, as far as columns can be cut or left out', (t) => {
  const extents = [{ natural: 10 }, { natural: 40, least: 8 }, { natural: 12, least: 6, leaveOut: 2 }];
  t.deepEqual(fitColumns(extents, 100, 2), [10, 40, 12]);
  t.deepEqual(fitColumns(extents, 60, 2), [10, 34, 12]);
  t.deepEqual(fitColumns(extents, 28, 2), [10, 8, 6]);
  t.deepEqual(fitColumns(extents, 27, 2), [10, 15, null]);
  t.deepEqual(fitColumns(extents, 5, 2), [10, 8, null]);
});

test('text is cut by what it takes on a terminal, not within a character', (t) => {
  t.is(cutTo('short', 5), 'short');
  t.is(cutTo('a word or two', 8), 'a word…');
  t.is(cutTo('日本語テキスト', 7), '日本語…');
  t.is(cutTo('👩‍🚀👩‍🚀👩‍🚀', 4), '👩‍🚀…');
  t.is(cutTo('x', 0), '');
});
