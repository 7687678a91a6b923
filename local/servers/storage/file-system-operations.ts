import type { Answer } from './answer.ts';
import { readText } from './body.ts';
import { checkWriteConditions } from './conditions.ts';
import { StorageError } from './errors.ts';
import { checkLeaseForRead, checkLeaseForWrite, leaseHeaders } from './leases.ts';
import type { Context } from './operation.ts';
import { encodeProperties, metadataHeaders, metadataOf, propertiesOf, versionHeaders } from './properties.ts';
import type { Call } from './request.ts';
import { single } from './request.ts';
import { XML_DECLARATION } from './xml.ts';

/** Calls on a file system, which the Blob side calls a container. */

const POLICIES_LIMIT_BYTES = 64 * 1024;

export function createFileSystem({ call, account: { tree } }: Context): Answer {
  if (tree.find(call) !== undefined)
    throw new StorageError('FilesystemAlreadyExists', `File system: ${call.fileSystem}.`);
  const publicAccess = single(call.headers['x-ms-blob-public-access']);
  const made = tree.makeDirectory(call, { metadata: givenMetadata(call), publicAccess });
  return { status: 201, headers: versionHeaders(made) };
}

export function fileSystemProperties({ call, account: { tree } }: Context): Answer {
  const entry = tree.requireFileSystem(call.fileSystem);
  checkLeaseForRead(call, entry);
  const { metadata, lease, publicAccess } = entry.record;
  return {
    status: 200,
    headers: {
      ...versionHeaders(entry),
      ...leaseHeaders(lease),
      ...metadataHeaders(metadata),
      'x-ms-properties': encodeProperties(metadata),
      'x-ms-blob-public-access': publicAccess,
      'x-ms-namespace-enabled': 'true',
      'x-ms-has-immutability-policy': 'false',
      'x-ms-has-legal-hold': 'false',
      'content-length': '0',
    },
  };
}

export function removeFileSystem({ call, account: { tree, dropUncommitted } }: Context): Answer {
  const entry = tree.requireFileSystem(call.fileSystem);
  checkWriteConditions(call.headers, entry);
  checkLeaseForWrite(call, entry);
  dropUncommitted(call);
  tree.remove(entry);
  return { status: 202, headers: { 'content-length': '0' } };
}

export function setFileSystemMetadata({ call, account: { tree } }: Context): Answer {
  const entry = tree.requireFileSystem(call.fileSystem);
  checkWriteConditions(call.headers, entry);
  checkLeaseForRead(call, entry);
  return { status: 200, headers: versionHeaders(tree.update(entry, { metadata: givenMetadata(call) })) };
}

function givenMetadata(call: Call): Record<string, string> {
  return propertiesOf(call) ?? metadataOf(call);
}

/** The stored access policies, as they were set. */
export function accessPolicies({ call, account: { tree } }: Context): Answer {
  const entry = tree.requireFileSystem(call.fileSystem);
  checkLeaseForRead(call, entry);
  const { policies, publicAccess } = entry.record;
  return {
    status: 200,
    headers: { ...versionHeaders(entry), 'x-ms-blob-public-access': publicAccess, 'content-type': 'application/xml' },
    text: policies ?? `${XML_DECLARATION}<SignedIdentifiers/>`,
  };
}

/** Sets the stored access policies, which a SAS may name by `si`. */
export async function setAccessPolicies({ call, account: { tree } }: Context): Promise<Answer> {
  const policies = await readText(call.body, POLICIES_LIMIT_BYTES);
  if (policies !== '' && !/<SignedIdentifiers\s*(\/>|>)/.test(policies)) {
    throw new StorageError('InvalidXmlDocument', 'Expected SignedIdentifiers.');
  }
  const entry = tree.requireFileSystem(call.fileSystem);
  checkWriteConditions(call.headers, entry);
  checkLeaseForRead(call, entry);
  const changed = tree.update(entry, {
    policies: policies === '' ? undefined : policies,
    publicAccess: single(call.headers['x-ms-blob-public-access']),
  });
  return { status: 200, headers: versionHeaders(changed) };
}
