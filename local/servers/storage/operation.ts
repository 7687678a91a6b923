import type { Account } from './account.ts';
import type { Answer } from './answer.ts';
import type { Raise } from './events.ts';
import type { PathKey } from './records.ts';
import type { Call } from './request.ts';

/** What an operation works with. */
export interface Context {
  readonly call: Call;
  readonly account: Account;
  /** All accounts of the server, for copies between them. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** @throws StorageError AuthorizationPermissionMismatch unless the caller may do one of `permissions` to the path. */
  require(permissions: string, key: PathKey): void;
  readonly raise: Raise;
}

/** One kind of call that the stand-in answers. */
export interface Operation {
  /** First word of its name in the fault table. */
  readonly verb: string;
  /** SAS permissions, one letter each, of which one is enough. */
  readonly permissions: string;
  readonly run: (context: Context) => Answer | Promise<Answer>;
}
