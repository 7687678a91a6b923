/** A place in a list of tokens: what every translator of this folder reads from. */
import { type SqlError, sqlError } from './errors.ts';
import type { Token } from './lexer.ts';

/** Words that name nothing unless quoted, and so tell a forgotten name from a strange one. */
const reserved: ReadonlySet<string> = new Set(
  'SELECT FROM WHERE GROUP ORDER HAVING UNION EXCEPT INTERSECT JOIN ON AND OR THEN WHEN ELSE END INTO VALUES SET AS BY IN IS LIKE BETWEEN INSERT DELETE CREATE DROP ALTER TABLE BEGIN EXEC'.split(
    ' ',
  ),
);

const end: Token = { kind: 'symbol', value: '', text: '', start: 0, end: 0, line: 0 };

export class Cursor {
  readonly tokens: readonly Token[];
  /** Index of the token to be read next. */
  position: number;
  /** Exclusive. */
  readonly limit: number;

  constructor(tokens: readonly Token[], position = 0, limit = tokens.length) {
    this.tokens = tokens;
    this.position = position;
    this.limit = limit;
  }

  get done(): boolean {
    return this.position >= this.limit;
  }

  get line(): number | undefined {
    return (this.tokens[Math.min(this.position, this.limit - 1)] ?? this.tokens.at(-1))?.line;
  }

  /** The token `ahead` of the next one; an empty symbol past the end, which equals nothing. */
  peek(ahead = 0): Token {
    const at = this.position + ahead;
    return (at < this.limit ? this.tokens[at] : undefined) ?? end;
  }

  next(): Token {
    if (this.done) throw this.syntaxError();
    const token = this.peek();
    this.position += 1;
    return token;
  }

  /** Whether the next tokens are these keywords, in this order. */
  atWords(...words: readonly string[]): boolean {
    return words.every((word, ahead) => {
      const token = this.peek(ahead);
      return token.kind === 'word' && token.value === word;
    });
  }

  /** Whether the next token is one of these keywords. */
  atAny(words: ReadonlySet<string>): boolean {
    const token = this.peek();
    return token.kind === 'word' && words.has(token.value);
  }

  atSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.value === symbol;
  }

  /** Steps over these keywords when they come next. */
  takeWords(...words: readonly string[]): boolean {
    if (!this.atWords(...words)) return false;
    this.position += words.length;
    return true;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.atSymbol(symbol)) return false;
    this.position += 1;
    return true;
  }

  expectWords(...words: readonly string[]): void {
    if (!this.takeWords(...words)) throw this.syntaxError();
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.syntaxError();
  }

  expectEnd(): void {
    this.takeSymbol(';');
    if (!this.done) throw this.syntaxError();
  }

  /** An identifier, bare or quoted, as written. @throws SqlError 156 on a reserved word, 102 on anything else */
  name(): string {
    const token = this.peek();
    if (token.kind === 'word' && reserved.has(token.value)) throw sqlError(156, token.line, token.text);
    if (token.kind !== 'word' && token.kind !== 'name') throw this.syntaxError();
    this.position += 1;
    return token.kind === 'word' ? token.text : token.value;
  }

  /** `a`, `a.b`, `a.b.c`: the parts. An omitted middle part (`db..t`) is empty. */
  multiPartName(): string[] {
    const parts = [this.name()];
    while (this.takeSymbol('.')) parts.push(this.atSymbol('.') ? '' : this.name());
    return parts;
  }

  /** Reads `( … )` and gives a cursor over what is inside. */
  parenthesized(): Cursor {
    this.expectSymbol('(');
    const start = this.position;
    this.skipUntil(() => false);
    if (!this.atSymbol(')')) throw this.syntaxError();
    const inside = new Cursor(this.tokens, start, this.position);
    this.position += 1;
    return inside;
  }

  /** Moves to the first token at this depth for which `stop` holds, to an unmatched `)`, or to the end. */
  skipUntil(stop: () => boolean): void {
    for (let depth = 0; !this.done; this.position += 1) {
      if (depth === 0 && stop()) return;
      if (this.atSymbol('(')) depth += 1;
      else if (this.atSymbol(')')) {
        if (depth === 0) return;
        depth -= 1;
      }
    }
  }

  /** Reads one item or more, separated by commas. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.takeSymbol(',')) items.push(item());
    return items;
  }

  /** 102 at the next token, or at the last one when the text ended too early. */
  syntaxError(): SqlError {
    const token = this.done ? this.tokens[this.limit - 1] : this.peek();
    return sqlError(102, token?.line, token?.text ?? '');
  }
}
