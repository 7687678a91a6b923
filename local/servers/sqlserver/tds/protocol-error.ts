/** The client sent bytes that are not TDS. The connection cannot go on: it is closed and the reason logged. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}

/** The bytes end before the value does. For a whole message that is an error; for one still arriving, a reason to wait. */
export class TruncatedError extends ProtocolError {
  constructor(wanted: number, offset: number, available: number) {
    super(`expected ${wanted} bytes at offset ${offset}, but only ${available} are there`);
    this.name = 'TruncatedError';
  }
}
