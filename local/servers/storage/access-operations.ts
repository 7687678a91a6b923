import { accessOf, aclOf, changeAcl } from './access-control.ts';
import type { Answer } from './answer.ts';
import { checkWriteConditions } from './conditions.ts';
import { checkLeaseForWrite } from './leases.ts';
import type { Context } from './operation.ts';
import { dfsContent, propertiesOf, versionHeaders } from './properties.ts';
import { single } from './request.ts';
import { walk } from './walk.ts';

/** The dfs calls that change what a path carries. Source: REST reference, "Path - Update". */

export function setAccessControl({ call, account: { tree } }: Context): Answer {
  const entry = tree.get(call);
  checkWriteConditions(call.headers, entry);
  checkLeaseForWrite(call, entry);
  const changed = tree.update(entry, { access: accessOf(call, entry.record.access) });
  return { status: 200, headers: versionHeaders(changed) };
}

/** Sets, modifies or removes ACL entries on a directory and everything below, all in one call. */
export function setAccessControlRecursive({ call, account: { tree } }: Context): Answer {
  const root = tree.get(call);
  const mode = call.query.get('mode') ?? 'set';
  const change = single(call.headers['x-ms-acl']) ?? '';
  const entries = root.isDirectory ? [root, ...walk(tree, root, '', () => true)] : [root];
  // Default entries, which new children inherit, exist on directories only.
  const forFiles = change
    .split(',')
    .filter(text => !text.startsWith('default:'))
    .join(',');
  for (const entry of entries) {
    const applicable = entry.isDirectory ? change : forFiles;
    tree.update(entry, { access: { ...entry.record.access, acl: changeAcl(aclOf(entry), mode, applicable) } });
  }
  const directories = entries.filter(entry => entry.isDirectory).length;
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=utf-8', 'x-ms-namespace-enabled': 'true' },
    text: JSON.stringify({
      directoriesSuccessful: directories,
      filesSuccessful: entries.length - directories,
      failureCount: 0,
      failedEntries: [],
    }),
  };
}

/** Set properties: user metadata (all replaced) and content headers. */
export function setProperties({ call, account: { tree } }: Context): Answer {
  const entry = tree.get(call);
  checkWriteConditions(call.headers, entry);
  checkLeaseForWrite(call, entry);
  const content = { ...entry.record.content, ...dfsContent(call) };
  const changed = tree.update(entry, { content, metadata: propertiesOf(call) ?? entry.record.metadata });
  return { status: 200, headers: versionHeaders(changed) };
}
