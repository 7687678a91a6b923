import type { TokenCredential } from '@azure/identity';

/** The app's own identity. Loaded only where it is used: with keys, as in the local cloud, it would only slow the start. */
export async function managedIdentity(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}
