import type { Answer } from './answer.ts';
import { readText } from './body.ts';
import { StorageError } from './errors.ts';
import type { Context } from './operation.ts';
import { delegationKey } from './sas.ts';
import { readElements, textElement, XML_DECLARATION } from './xml.ts';

/** Calls on the account itself. Source: REST reference, "Get User Delegation Key", "Get Account Information". */

/** There is no directory: every caller is this user of this tenant. */
const LOCAL_USER = '00000000-0000-0000-0000-000000000001';
const LOCAL_TENANT = '00000000-0000-0000-0000-000000000000';

const KEY_REQUEST_LIMIT_BYTES = 64 * 1024;

export async function userDelegationKey({ call, account }: Context): Promise<Answer> {
  const request = readElements(await readText(call.body, KEY_REQUEST_LIMIT_BYTES), ['Start', 'Expiry']);
  const timeOf = (name: string) => request.find(element => element.name === name)?.text;
  const expiry = timeOf('Expiry');
  if (expiry === undefined || Number.isNaN(Date.parse(expiry)))
    throw new StorageError('InvalidXmlDocument', 'Expected KeyInfo with Expiry.');
  const text = [
    XML_DECLARATION,
    '<UserDelegationKey>',
    textElement('SignedOid', LOCAL_USER),
    textElement('SignedTid', LOCAL_TENANT),
    textElement('SignedStart', timeOf('Start') ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z')),
    textElement('SignedExpiry', expiry),
    textElement('SignedService', 'b'),
    textElement('SignedVersion', '2026-02-06'),
    textElement('Value', delegationKey(account).toString('base64')),
    '</UserDelegationKey>',
  ].join('');
  return { status: 200, headers: { 'content-type': 'application/xml' }, text };
}

export function accountInformation(): Answer {
  return {
    status: 200,
    headers: { 'x-ms-sku-name': 'Standard_LRS', 'x-ms-account-kind': 'StorageV2', 'x-ms-is-hns-enabled': 'true' },
  };
}
