/** SET options. The handful that change what happens here are kept; the others describe what is the case anyway. */

import { Cursor } from './cursor.ts';
import { sqlError } from './errors.ts';
import type { Token } from './lexer.ts';
import type { SessionState } from './session-state.ts';

/** @param words what follows SET, e.g. `NOCOUNT ON`, `IDENTITY_INSERT dbo.t ON`, `TRANSACTION ISOLATION LEVEL SNAPSHOT` */
export function setOption(state: SessionState, words: readonly Token[]): void {
  const cursor = new Cursor(words);
  if (cursor.takeWords('IDENTITY_INSERT')) {
    const { line } = cursor;
    const parts = cursor.multiPartName();
    const name = parts.at(-1) ?? '';
    const table =
      state.temporaryTables.get(name.toLowerCase()) ?? state.server.catalog.table(parts.at(-2) || 'dbo', name);
    if (!table) throw sqlError(1088, line, parts.join('.'));
    state.identityInsert = cursor.takeWords('ON') ? table.id : undefined;
    return;
  }
  // `SET QUOTED_IDENTIFIER, ANSI_NULLS ON` sets several.
  const on = words.at(-1)?.value === 'ON';
  for (const { value } of words) {
    if (value === 'NOCOUNT') state.noCount = on;
    if (value === 'XACT_ABORT') state.xactAbort = on;
    if (value === 'IMPLICIT_TRANSACTIONS') state.implicitTransactions = on;
  }
}
