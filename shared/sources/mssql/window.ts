/** The rows one extract carries: a window of watermarks, a range of keys, or both. Values travel as text, so none is rounded. */
import type { SourceTable } from '../../catalog/types.ts';
import { quoteName } from './column-types.ts';

export interface WatermarkWindow {
  /** Exclusive, except in a backfill; null reads from the beginning. */
  readonly low: string | null;
  readonly lowInclusive: boolean;
  /** Inclusive, except in a backfill; null reads to the end. */
  readonly high: string | null;
  readonly highInclusive: boolean;
}

export interface KeyRange {
  /** Inclusive; null from the beginning. */
  readonly from: string | null;
  /** Exclusive; null to the end. */
  readonly to: string | null;
}

export interface Condition {
  /** Without WHERE; `1 = 1` when everything is wanted. */
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export const wholeTable: WatermarkWindow = { low: null, lowInclusive: false, high: null, highInclusive: true };

export function windowCondition(table: SourceTable, window: WatermarkWindow, keys: KeyRange): Condition {
  const watermark = quoteName(table.watermark);
  const key = quoteName(table.key[0] ?? '');
  const keyType = table.columns.find(column => column.name === table.key[0])?.type ?? '';
  const terms: string[] = [];
  const parameters: Record<string, string> = {};
  const term = (sql: string, parameter: string, value: string | null): void => {
    if (value === null) return;
    terms.push(sql);
    parameters[parameter] = value;
  };
  term(`${watermark} ${window.lowInclusive ? '>=' : '>'} CAST(@low AS datetime2(7))`, 'low', window.low);
  term(`${watermark} ${window.highInclusive ? '<=' : '<'} CAST(@high AS datetime2(7))`, 'high', window.high);
  term(`${key} >= CAST(@keyFrom AS ${keyType})`, 'keyFrom', keys.from);
  term(`${key} < CAST(@keyTo AS ${keyType})`, 'keyTo', keys.to);
  return { sql: terms.length === 0 ? '1 = 1' : terms.join(' AND '), parameters };
}

export function sourceName(table: SourceTable): string {
  return `${quoteName(table.source.schema)}.${quoteName(table.source.table)}`;
}
