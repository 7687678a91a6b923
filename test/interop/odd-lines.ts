/** Good lines that are easily misread: numbers, lists and texts at the edge of what the data sets allow. */
import { dataSets } from '../../local/imdb/data-sets.ts';

const texts = [
  ...['', ' two  spaces ', '\\n', '\\\\N', 'N', "it's; -- ?"],
  ...['lone\rCR', 'NUL\0inside', '\u2028', 'e\u0301 é', '👩‍👩‍👧‍👦 🎬'],
];
const lists = ['', ',', 'a', 'a,,b', ',a', 'a,', 'a,a', ' a , b ', '\\N,a', 'a|b.c*d', '[a]'];
const units = [
  ...['\u0002', 'a\u0002b', 'a\u0002\u0002c', '\u0002a', 'a\u0002', '\\N\u0002a'],
  ...['', 'a,b', 'a|b', '\u0003', '$'],
];
const arrays = [
  ...['[]', '[""]', '["a","a"]', ' [ "x" ,"y" ] ', '["a,b","c\u0002d"]', '["null"]', '["[]"]', '["é🎬"]'],
  ...['["\\"\\\\\\/\\b\\f\\n\\r\\t"]', '["\\u00e9\\u005C\\ud83c\\udfac"]', '["\\u0000|"]'],
];
const integers = ['0', '00', '007', '2147483647', '0000002024', '\\N'];
const ratings = ['0', '0.0', '9', '9.9', '10', '10.0'];
const flags = ['0', '1', '\\N'];
/** In another order by bytes, by UTF-16 and by alphabet; the first and the last one longer than statistics keep. */
const idStarts = [
  '!'.repeat(80),
  'tt99',
  'TT99',
  '~',
  'ÿ',
  'é',
  'e\u0301',
  '\uffee',
  '👩',
  "'",
  '\u{10ffff}'.repeat(40),
];

/** Titles or persons that have such lines and no others, one in each data set. */
export const oddIds: readonly string[] = idStarts.map((start, at) => `${start}${at}`);

/** By data set, lines as they are in a TSV. */
export const oddLines: ReadonlyMap<string, readonly string[]> = new Map(
  dataSets.map(({ name }) => [name, oddIds.map((id, at) => oddFields(name, id, at).join('\t'))]),
);

function oddFields(dataSet: string, id: string, at: number): readonly string[] {
  const of = (values: readonly string[], shift = 0): string => values[(at + shift) % values.length] ?? '';
  const integer = of(integers);
  switch (dataSet) {
    case 'title.basics':
      return [
        id,
        ...[0, 1, 2].map(shift => of(texts, shift)),
        of(flags),
        ...[0, 1, 2].map(shift => of(integers, shift)),
        of(lists),
      ];
    case 'title.akas':
      return [id, String(at), of(texts), of(texts, 1), of(texts, 2), of(units), of(units, 1), of(flags)];
    case 'title.crew':
      return [id, of(lists), of(lists, 1)];
    case 'title.episode':
      return [id, id, integer, of(integers, 1)];
    case 'title.principals':
      return [id, `0${at}`, id, of(texts), of(texts, 1), of(arrays)];
    case 'title.ratings':
      return [id, of(ratings), integer.replace('\\N', '1')];
    default:
      return [id, of(texts), integer, of(integers, 1), of(lists), of(lists, 1)];
  }
}
