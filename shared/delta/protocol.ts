/** Which tables this code may read and write (PROTOCOL.md, "Reader/Writer Version Requirements"). Pure; no I/O. */
import { PermanentError } from '../errors.ts';
import type { Metadata, Protocol } from './actions.ts';
import type { TableSchema } from './schema.ts';

/** What we write: the versions every Delta reader understands, serverless SQL included. */
export const writtenProtocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };

const readableFeatures = new Set(['timestampNtz', 'vacuumProtocolCheck']);
const writableFeatures = new Set([...readableFeatures, 'appendOnly', 'invariants']);

/** @throws PermanentError `unsupported-protocol` when reading could give wrong rows */
export function checkReadable(table: string, { minReaderVersion, readerFeatures = [] }: Protocol): void {
  if (minReaderVersion <= 1) return;
  const unknown = readerFeatures.filter(feature => !readableFeatures.has(feature));
  if (minReaderVersion === 3 && unknown.length === 0) return;
  throw unsupported(
    table,
    `read: it needs reader version ${minReaderVersion}${unknown.length > 0 ? ` with ${unknown.join(', ')}` : ''}`,
    'reader version 1, or 3 with timestampNtz',
  );
}

/** @throws PermanentError `unsupported-protocol` when a commit of ours could break what the table promises */
export function checkWritable(table: string, protocol: Protocol, metadata: Metadata, schema: TableSchema): void {
  const { minWriterVersion, writerFeatures = [] } = protocol;
  const unknown = writerFeatures.filter(feature => !writableFeatures.has(feature));
  if (minWriterVersion > 2 && (minWriterVersion !== 7 || unknown.length > 0)) {
    throw unsupported(
      table,
      `write: it needs writer version ${minWriterVersion}${unknown.length > 0 ? ` with ${unknown.join(', ')}` : ''}`,
      'writer version 2, or 7 with appendOnly and invariants',
    );
  }
  if (metadata.partitionColumns.length > 0) {
    throw unsupported(table, `write: it is partitioned by ${metadata.partitionColumns.join(', ')}`, 'no partitions');
  }
  const invariant = schema.find(column => column.metadata?.['delta.invariants'] !== undefined);
  if (invariant) throw unsupported(table, `write: column ${invariant.name} has an invariant`, 'no invariants');
}

/** True for a table whose rows may never be removed or changed (PROTOCOL.md, "Append-only Tables"). */
export function isAppendOnly(metadata: Metadata): boolean {
  return metadata.configuration?.['delta.appendOnly'] === 'true';
}

function unsupported(table: string, what: string, supported: string): PermanentError {
  return new PermanentError(`delta table ${table}: cannot ${what}; supported: ${supported}. Use Spark for this table`, {
    code: 'unsupported-protocol',
  });
}
