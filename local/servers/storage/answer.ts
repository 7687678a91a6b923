import { closeSync, createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** What an operation answers: a status, headers, and at most one of a text or a piece of an open file. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly text?: string;
  readonly file?: FileSlice;
}

/** A piece of a file, by descriptor: it stays readable when the path is replaced or removed. Sending closes it. */
export interface FileSlice {
  readonly descriptor: number;
  readonly start: number;
  readonly length: number;
}

const READ_CHUNK_BYTES = 512 * 1024;

/**
 * Sends an answer. Every answer states its length: the SDKs refuse chunked bodies.
 * @param cutAfterBytes cut the connection once that many bytes of the body were sent
 */
export async function sendAnswer(response: ServerResponse, answer: Answer, cutAfterBytes?: number): Promise<void> {
  const { file, text = '' } = answer;
  try {
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      if (value !== undefined) response.setHeader(name, value);
    }
  } catch (error) {
    discard(answer);
    throw error;
  }
  if (!response.hasHeader('content-length') && answer.status !== 304) {
    response.setHeader('content-length', file?.length ?? Buffer.byteLength(text));
  }
  response.writeHead(answer.status);
  if (cutAfterBytes !== undefined) {
    await sendPart(response, answer, cutAfterBytes);
  } else if (file === undefined) {
    response.end(text);
  } else {
    await pipeline(readSlice(file), response);
  }
}

async function sendPart(response: ServerResponse, { file, text = '' }: Answer, bytes: number): Promise<void> {
  const body = file === undefined ? [Buffer.from(text)] : readSlice(file);
  let left = bytes;
  for await (const chunk of body) {
    const part: Buffer = chunk.subarray(0, left);
    await new Promise(done => response.write(part, done));
    left -= part.length;
    if (left === 0) break;
  }
  response.destroy();
}

function readSlice({ descriptor, start, length }: FileSlice) {
  return createReadStream('', { fd: descriptor, start, end: start + length - 1, highWaterMark: READ_CHUNK_BYTES });
}

/** Lets go of an answer that will not be sent. */
export function discard({ file }: Answer): void {
  if (file !== undefined) closeSync(file.descriptor);
}
