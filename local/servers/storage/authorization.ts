import type { Account } from './account.ts';
import { StorageError } from './errors.ts';
import type { PathKey } from './records.ts';
import { type Call, single } from './request.ts';
import { authorizeSas } from './sas.ts';
import { isSignedBySharedKey, textsToSign } from './shared-key.ts';

/**
 * What a caller may do: throws AuthorizationPermissionMismatch unless one of `permissions` (SAS letters) is granted on the path.
 */
export type Grant = (permissions: string, key: PathKey) => void;

const EVERYTHING: Grant = () => {};

/** Unquoted on purpose: the SDKs read the values up to the next space. */
const CHALLENGE =
  'Bearer authorization_uri=https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/oauth2/authorize resource_id=https://storage.azure.com';

/**
 * Finds out who calls: shared key, bearer token, or a SAS in the address.
 * @throws StorageError NoAuthenticationInformation, AuthenticationFailed, InvalidAuthenticationInfo
 */
export function authorize(call: Call, account: Account): Grant {
  const authorization = single(call.headers.authorization);
  if (authorization === undefined) {
    if (call.query.has('sig')) return authorizeSas(call, account);
    throw new StorageError('NoAuthenticationInformation', 'Send a shared key signature, a SAS or a bearer token.', {
      'www-authenticate': CHALLENGE,
    });
  }
  const [scheme = '', credentials = ''] = authorization.split(/\s+/, 2);
  if (scheme === 'SharedKey') return sharedKey(call, account, credentials);
  if (scheme === 'Bearer') return bearer(call, credentials);
  throw new StorageError('InvalidAuthenticationInfo', `Scheme ${JSON.stringify(scheme)}: use SharedKey or Bearer.`, {
    'www-authenticate': CHALLENGE,
  });
}

function sharedKey(call: Call, account: Account, credentials: string): Grant {
  const colon = credentials.indexOf(':');
  const [name, signature] = [credentials.slice(0, colon), credentials.slice(colon + 1)];
  if (name !== account.name) {
    throw new StorageError(
      'AuthenticationFailed',
      `Signed for account ${JSON.stringify(name)}, addressed to ${account.name}.`,
    );
  }
  if (isSignedBySharedKey(call, account.name, account.key, signature)) return EVERYTHING;
  const [text = ''] = textsToSign(call, account.name);
  throw new StorageError(
    'AuthenticationFailed',
    `The signature is not the account's. The server signs ${JSON.stringify(text)}.`,
  );
}

/** Any well-formed token that has not expired: there is no directory here that could vouch for it. */
function bearer(call: Call, token: string): Grant {
  if (!call.secure) {
    throw new StorageError('AuthenticationFailed', 'Bearer tokens are accepted over https only.');
  }
  const expires = expiryOf(token);
  if (expires === undefined || expires * 1000 <= Date.now()) {
    const wrong = expires === undefined ? 'The token is no JWT.' : 'The token has expired.';
    throw new StorageError('InvalidAuthenticationInfo', wrong, { 'www-authenticate': CHALLENGE });
  }
  return EVERYTHING;
}

/** Seconds since 1970; infinity for a token without end; undefined for what is no JWT (RFC 7519). */
function expiryOf(token: string): number | undefined {
  const match = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token);
  if (match === null) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(match[1] ?? '', 'base64url').toString());
    if (typeof claims !== 'object' || claims === null) return undefined;
    return 'exp' in claims && typeof claims.exp === 'number' ? claims.exp : Number.POSITIVE_INFINITY;
  } catch {
    return undefined;
  }
}
