/** Text that breaks careless programs. A few rows of every table hold some, so that every run of the lake carries them. */

export const hostileTexts = [
  '',
  ' ',
  'said "yes", then left',
  '"',
  '""',
  "O'Brien; DROP TABLE dbo.users; --",
  'first line\nsecond line',
  'from Windows\r\nwith love',
  'a lone\rreturn',
  '\n',
  'tab\tseparated\tvalues',
  '=1+1',
  '=HYPERLINK("http://example.com","click")',
  '@SUM(A1:A9)',
  '+44 20 7946 0000',
  '-1',
  ' leading and trailing ',
  'NULL',
  'null',
  '\\N',
  'C:\\new\\table',
  'nul\u0000inside',
  '\uFEFFmarked',
  'a,b;c|d',
  '#not a comment',
  '--',
  '{"json": "inside", "n": [1, 2]}',
  '%s %n {0} $name',
  '../../etc/passwd',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'e\u0301 is not é',
  '\u202Eright to left',
  'ﷺ﷽',
  'İstanbul ıi',
  'Straße, STRASSE',
  '\u2028line\u2029paragraph\u0085next',
] as const;

const rowsBetween = 211;

/** The hostile text of every 211th row, each in its turn; undefined for the others. */
export function hostileTextOf(ordinal: number): string | undefined {
  return ordinal % rowsBetween === rowsBetween - 1
    ? hostileTexts[Math.floor(ordinal / rowsBetween) % hostileTexts.length]
    : undefined;
}

/** A text of at least a mebibyte, with all that a reader of CSV must get past. */
export function hugeText(): string {
  const verse = 'Chapter, the "next" one:\r\n\tand so it went on\n=1+1, "",\n日本語 🎬\n';
  return verse.repeat(Math.ceil(2 ** 20 / verse.length));
}
