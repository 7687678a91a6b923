import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { StorageError } from './errors.ts';

/** Socket chunks are at most 64 KiB; writing them a mebibyte at a time costs half as much. */
const WRITE_BYTES = 1024 * 1024;
/** Writes that may run before the sender has to wait: bounds the memory of an upload to about three of them. */
const MAX_RUNNING_WRITES = 2;

/**
 * Streams a body into a file from `position` on, receiving while it writes. (Events rather than `for await`: a third faster.)
 * @param expectedMd5 base64 of the MD5 that the bytes must have; without one nothing is hashed, which is much faster
 * @returns the number of bytes
 * @throws StorageError Md5Mismatch
 */
export async function writeBody(
  file: FileHandle,
  body: Readable,
  position: number,
  expectedMd5?: string,
): Promise<number> {
  const hash = expectedMd5 === undefined ? undefined : createHash('md5');
  const running = new Set<Promise<void>>();
  let batch: Buffer[] = [];
  let batchBytes = 0;
  let bytes = 0;
  let failure: unknown;
  const writeBatch = () => {
    const write: Promise<void> = writeAll(file, batch, position + bytes)
      .catch(error => {
        failure ??= error;
      })
      .finally(() => {
        running.delete(write);
        body.resume();
      });
    running.add(write);
    if (running.size >= MAX_RUNNING_WRITES) body.pause();
    bytes += batchBytes;
    batch = [];
    batchBytes = 0;
  };
  body.on('data', (chunk: Buffer) => {
    hash?.update(chunk);
    batch.push(chunk);
    batchBytes += chunk.length;
    if (batchBytes >= WRITE_BYTES) writeBatch();
  });
  try {
    await finished(body, { writable: false });
    if (batchBytes > 0) writeBatch();
  } finally {
    // The caller closes the file next; no write may still be under way then.
    await Promise.all(running);
  }
  if (failure !== undefined) throw failure;
  const md5 = hash?.digest('base64');
  if (md5 !== expectedMd5) throw new StorageError('Md5Mismatch', `Given ${expectedMd5}, received bytes with ${md5}.`);
  return bytes;
}

async function writeAll(file: FileHandle, buffers: Buffer[], position: number): Promise<void> {
  const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await file.writev(buffers, position);
  if (bytesWritten === bytes) return;
  // A short write: the disk is nearly full or the call was interrupted.
  const rest = Buffer.concat(buffers).subarray(bytesWritten);
  await writeAll(file, [rest], position + bytesWritten);
}

/**
 * Reads a small body, such as an XML document.
 * @throws StorageError RequestBodyTooLarge
 */
export async function readText(body: Readable, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new StorageError('RequestBodyTooLarge', `More than ${limitBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
