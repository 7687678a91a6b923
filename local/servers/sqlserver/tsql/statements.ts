/** What a batch is made of. Control flow is a tree; the rest stays tokens until it runs, for only then its names have a meaning. */
import type { SqlType } from '../session.ts';
import type { Token } from './lexer.ts';

export interface Tokens {
  readonly tokens: readonly Token[];
}

export interface ArgumentPassed {
  /** With its `@`; undefined when passed by position. */
  readonly name: string | undefined;
  readonly value: readonly Token[];
  readonly output: boolean;
}

export type Statement =
  | DataStatement
  | ({ readonly line: number } & (
      | { readonly kind: 'block'; readonly body: readonly Statement[] }
      | {
          readonly kind: 'if';
          readonly condition: Tokens;
          readonly then: Statement;
          readonly otherwise: Statement | undefined;
        }
      | { readonly kind: 'while'; readonly condition: Tokens; readonly body: Statement }
      | { readonly kind: 'break' | 'continue' }
      | { readonly kind: 'try'; readonly body: readonly Statement[]; readonly handler: readonly Statement[] }
      | { readonly kind: 'declare'; readonly name: string; readonly type: SqlType; readonly value: Tokens | undefined }
      | { readonly kind: 'declare-table'; readonly name: string; readonly definition: Tokens }
      | { readonly kind: 'set-variable'; readonly name: string; readonly operator: string; readonly value: Tokens }
      | { readonly kind: 'set-option'; readonly words: readonly Token[] }
      | { readonly kind: 'return'; readonly value: Tokens | undefined }
      | { readonly kind: 'throw'; readonly values: readonly Tokens[] }
      | { readonly kind: 'raiserror'; readonly values: readonly Tokens[] }
      | { readonly kind: 'print'; readonly value: Tokens }
      | {
          readonly kind: 'execute';
          readonly procedure: readonly string[];
          readonly status: string | undefined;
          readonly passed: readonly ArgumentPassed[];
        }
      | { readonly kind: 'execute-text'; readonly text: Tokens }
      | {
          readonly kind: 'transaction';
          readonly action: 'begin' | 'commit' | 'rollback' | 'save';
          readonly name: string | undefined;
        }
      | { readonly kind: 'use'; readonly database: string }
      | { readonly kind: 'wait'; readonly delay: Tokens }
      | { readonly kind: 'nothing' }
    ));

interface Placed extends Tokens {
  readonly line: number;
}

export interface QueryStatement extends Placed {
  readonly kind: 'query';
}

export interface WriteStatement extends Placed {
  readonly kind: 'insert' | 'update' | 'delete' | 'merge' | 'truncate';
}

/** CREATE, ALTER and DROP. A module (procedure or view) is always the whole batch, and its text is kept. */
export type DefinitionStatement =
  | (Placed & { readonly kind: 'definition' })
  | (Placed & { readonly kind: 'module'; readonly text: string });

export type DataStatement = QueryStatement | WriteStatement | DefinitionStatement;
