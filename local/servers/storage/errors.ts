/**
 * Every error this stand-in answers: status, both spellings of the code, and the text.
 *
 * The Data Lake (dfs) and Blob sides of the service name the same trouble differently; the keys here are the dfs spelling.
 * Source: REST reference, "Azure Data Lake Storage error codes" and "Blob service error codes".
 */
interface ErrorKind {
  readonly status: number;
  /** The Blob side's code where it differs. */
  readonly blob?: string;
  readonly text: string;
}

const ERRORS = {
  AppendPositionConditionNotMet: { status: 412, text: 'The append position condition specified was not met.' },
  AuthenticationFailed: { status: 403, text: 'The server failed to authenticate the request.' },
  AuthorizationPermissionMismatch: { status: 403, text: 'The signature does not grant what this operation needs.' },
  CannotVerifyCopySource: { status: 404, text: 'The copy source could not be read.' },
  ConditionNotMet: { status: 412, text: 'A condition given in the HTTP headers is not met.' },
  DirectoryNotEmpty: {
    status: 409,
    blob: 'DirectoryIsNotEmpty',
    text: 'The directory is not empty and recursive=true was not given.',
  },
  FilesystemAlreadyExists: { status: 409, blob: 'ContainerAlreadyExists', text: 'The file system already exists.' },
  FilesystemNotFound: { status: 404, blob: 'ContainerNotFound', text: 'The file system does not exist.' },
  InternalError: { status: 500, text: 'The storage stand-in failed.' },
  InvalidAuthenticationInfo: { status: 401, text: 'The authentication information is not in the correct form.' },
  InvalidBlobType: { status: 409, text: 'The blob type is invalid for this operation.' },
  InvalidBlockList: { status: 400, text: 'The block list names a block that was never staged.' },
  InvalidFlushPosition: {
    status: 400,
    text: 'The uploaded data is not contiguous, or the position is not equal to the length of the file after the append.',
  },
  InvalidHeaderValue: { status: 400, text: 'The value of an HTTP header is not in the correct form.' },
  InvalidQueryParameterValue: { status: 400, text: 'The value of a query parameter is not in the correct form.' },
  InvalidRange: { status: 416, text: 'The range starts past the end of the file.' },
  InvalidRenameSourcePath: { status: 409, text: 'A path cannot be renamed into itself.' },
  InvalidResourceName: {
    status: 400,
    text: 'The resource name contains characters or has a length that are not allowed.',
  },
  InvalidUri: { status: 400, text: 'The address of the request is not valid.' },
  InvalidXmlDocument: { status: 400, text: 'The body is not the XML this operation expects.' },
  LeaseAlreadyPresent: { status: 409, text: 'There is already a lease present.' },
  LeaseIdMismatchWithBlobOperation: { status: 412, text: 'The lease id given is not the one of the lease.' },
  LeaseIdMismatchWithContainerOperation: { status: 412, text: 'The lease id given is not the one of the lease.' },
  LeaseIdMismatchWithLeaseOperation: { status: 409, text: 'The lease id given is not the one of the lease.' },
  LeaseIdMissing: { status: 412, text: 'There is a lease and no lease id was given.' },
  LeaseIsBrokenAndCannotBeRenewed: { status: 409, text: 'The lease was broken and cannot be renewed.' },
  LeaseNotPresentWithBlobOperation: { status: 412, text: 'A lease id was given and there is no lease.' },
  LeaseNotPresentWithContainerOperation: { status: 412, text: 'A lease id was given and there is no lease.' },
  LeaseNotPresentWithLeaseOperation: { status: 409, text: 'There is no lease.' },
  MaxBlobSizeConditionNotMet: { status: 412, text: 'The max blob size condition specified was not met.' },
  Md5Mismatch: { status: 400, text: 'The MD5 given does not match the bytes received.' },
  MissingRequiredHeader: { status: 400, text: 'A required HTTP header is missing.' },
  NoAuthenticationInformation: { status: 401, text: 'The request carries no authentication information.' },
  NotImplemented: { status: 501, text: 'The storage stand-in does not offer this operation.' },
  PathAlreadyExists: { status: 409, blob: 'BlobAlreadyExists', text: 'The path already exists.' },
  PathConflict: {
    status: 409,
    text: 'The path, or an element of it, exists and its resource type is invalid for this operation.',
  },
  PathNotFound: { status: 404, blob: 'BlobNotFound', text: 'The path does not exist.' },
  RenameDestinationParentPathNotFound: { status: 404, text: 'The parent directory of the destination does not exist.' },
  RequestBodyTooLarge: { status: 413, text: 'The body is larger than this operation allows.' },
  ServerBusy: { status: 503, text: 'The server is busy.' },
  SourceConditionNotMet: { status: 412, text: 'A source condition given in the HTTP headers is not met.' },
  SourcePathNotFound: { status: 404, text: 'The source of the rename does not exist.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** An error to answer. `detail` says on what, expected and got; the text of the code is put in front of it. */
export class StorageError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Sent with the answer, e.g. `x-ms-existing-resource-type`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(`${ERRORS[code].text} ${detail}`);
    this.name = 'StorageError';
    this.code = code;
    this.status = ERRORS[code].status;
    this.headers = headers;
  }

  /** The code as the given side of the service spells it. */
  codeFor(side: 'dfs' | 'blob'): string {
    const kind: ErrorKind = ERRORS[this.code];
    return side === 'blob' ? (kind.blob ?? this.code) : this.code;
  }
}
