/**
 * Cuts T-SQL text into tokens. Everything after this file works on tokens, so a keyword inside a string or a comment can never
 * be taken for one.
 */
import { sqlError } from './errors.ts';

/**
 * - `word`: a bare keyword or identifier; `value` in upper case, for comparing with keywords
 * - `name`: `[quoted]` or `"quoted"`; `value` without its quotes
 * - `string`: `'…'` or `N'…'`; `value` unescaped
 * - `number`, `binary` (`0x…`), `variable` (`@x`, `@@x`), `symbol`: `value` as written, variables in lower case
 */
export type TokenKind = 'word' | 'name' | 'string' | 'number' | 'binary' | 'variable' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  /** As written. */
  readonly text: string;
  /** Offsets in the batch: `start` inclusive, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** 1-based, as SQL Server reports it. */
  readonly line: number;
}

// One alternative per token kind, tried in this order. `#` and `$` may stand in identifiers (temporary tables, system names).
const pattern = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*)`,
    String.raw`(?<comment>/\*)`,
    `(?<string>[nN]?'(?:[^']|'')*'?)`,
    String.raw`(?<name>\[(?:[^\]]|\]\])*\]?|"(?:[^"]|"")*"?)`,
    '(?<binary>0[xX][0-9a-fA-F]*)',
    String.raw`(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`,
    String.raw`(?<variable>@@?[\p{L}\p{N}_#$@]+)`,
    String.raw`(?<word>[\p{L}_#][\p{L}\p{N}_#$@]*|\$[aA][cC][tT][iI][oO][nN]\b)`,
    String.raw`(?<symbol><>|<=|>=|!=|!<|!>|\+=|-=|\*=|/=|%=|&=|\|=|\^=|::|[-+*/%&|^~=<>(),.;:$])`,
  ].join('|'),
  'uy',
);

/** @throws SqlError 105 on an unclosed quote, 113 on an unclosed comment, 102 on a character T-SQL has no use for */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  let line = 1;
  while (offset < sql.length) {
    pattern.lastIndex = offset;
    const groups = pattern.exec(sql)?.groups;
    if (!groups) throw sqlError(102, line, sql[offset] ?? '');
    const start = offset;
    if (groups['comment'] !== undefined) {
      offset = endOfComment(sql, offset, line);
    } else {
      offset = pattern.lastIndex;
      const kind = tokenKinds.find(each => groups[each] !== undefined);
      if (kind) tokens.push(token(kind, sql.slice(start, offset), start, line));
    }
    for (let at = start; at < offset; at++) if (sql.charCodeAt(at) === 10) line++;
  }
  return tokens;
}

const tokenKinds: readonly TokenKind[] = ['word', 'symbol', 'variable', 'number', 'string', 'name', 'binary'];

function token(kind: TokenKind, text: string, start: number, line: number): Token {
  return { kind, text, value: tokenValue(kind, text, line), start, end: start + text.length, line };
}

function tokenValue(kind: TokenKind, text: string, line: number): string {
  if (kind === 'word') return text.toUpperCase();
  if (kind === 'variable') return text.toLowerCase();
  if (kind === 'string') {
    const body = text.slice(text.indexOf("'") + 1);
    if (!closed(body, "'")) throw sqlError(105, line, body);
    return body.slice(0, -1).replaceAll("''", "'");
  }
  if (kind === 'name') {
    const quote = text.startsWith('[') ? ']' : '"';
    const body = text.slice(1);
    if (!closed(body, quote)) throw sqlError(105, line, body);
    return body.slice(0, -1).replaceAll(quote + quote, quote);
  }
  return text;
}

/** Whether a quoted body ends in a closing quote: an odd run of them, for a doubled one is a character. */
function closed(body: string, quote: string): boolean {
  let run = 0;
  while (run < body.length && body[body.length - 1 - run] === quote) run++;
  return run % 2 === 1;
}

/** Comments nest in T-SQL. */
function endOfComment(sql: string, start: number, line: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(sql); match; match = edge.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  throw sqlError(113, line);
}
