/** The client asked, in good TDS, for something this stand-in does not do. It gets an error and keeps its connection. */
export class UnsupportedError extends Error {
  constructor(what: string) {
    super(`The local SQL Server does not support ${what}.`);
    this.name = 'UnsupportedError';
  }
}
