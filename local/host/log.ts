/** The host's console, in the words and colours-free shape of `func start`. */
export interface HostLog {
  /** A log line, prefixed with the time as `func` does it. */
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
  /** Shown with `--verbose` only. */
  debug(message: string): void;
  /** Text as it is, without a time: banners and lists. */
  plain(text: string): void;
}

/** `write` gets whole lines, without the newline. */
export function createLog(write: (line: string) => void, options: { readonly verbose: boolean }): HostLog {
  const timed = (message: string): void => write(`[${new Date().toISOString()}] ${message}`);
  return {
    info: timed,
    warning: timed,
    error: timed,
    debug: options.verbose ? timed : () => {},
    plain: write,
  };
}
