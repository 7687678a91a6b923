/** Just enough XML for the Blob side: texts are escaped on the way out; on the way in, elements with plain text are read. */

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export const XML_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

/** An element with a text, or with nothing where the value is missing. */
export function textElement(name: string, value: string | number | undefined): string {
  return value === undefined ? `<${name}/>` : `<${name}>${escapeXml(String(value))}</${name}>`;
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, character => ESCAPES[character] ?? character);
}

/**
 * `<Name>` of a path. Characters that XML 1.0 cannot hold (or, as a carriage return, does not keep) make the whole name
 * percent-encoded, marked `Encoded="true"`.
 * Source: REST reference, "List Blobs", version 2021-02-12.
 */
export function nameElement(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters in question
  if (!/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/.test(name)) return textElement('Name', name);
  return `<Name Encoded="true">${encodeURIComponent(name)}</Name>`;
}

/** The elements of these names with their texts, in document order. Enough for block lists, key requests and policies. */
export function readElements(xml: string, names: readonly string[]): { name: string; text: string }[] {
  const pattern = new RegExp(`<(${names.join('|')})>([^<]*)</\\1>`, 'g');
  return [...xml.matchAll(pattern)].map(([, name = '', text = '']) => ({ name, text: unescapeXml(text) }));
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, decimal?: string, hex?: string, entity = '') => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[entity] ?? all;
  });
}
