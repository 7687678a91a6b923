/** Landing files as deliverers make them. */
import { gzipSync } from 'node:zlib';
import { ZipFile } from 'yazl';

export async function zipped(entries: Readonly<Record<string, Uint8Array>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries))
    zip.addBuffer(Buffer.from(content), name, { mtime: new Date(Date.UTC(2026, 0, 1)) });
  zip.end();
  const chunks: Uint8Array[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Packed as the ending of its name says. */
export function packed(name: string, content: Uint8Array): Uint8Array {
  return name.endsWith('.gz') ? gzipSync(content) : content;
}
