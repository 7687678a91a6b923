/** Runs checks one after another, prints each, and counts. A failed check does not end the others. */

export interface Checks {
  /** Runs one check; what it throws is its failure. */
  check(name: string, body: () => Promise<void>): Promise<void>;
  /** Counts a failure outside of a check. */
  fail(name: string, error: unknown): void;
  /** Says what could not be met here, and why. Neither a pass nor a failure. */
  notRun(what: string, reason: string): void;
  /** Prints the closing line. True when nothing failed. */
  close(): boolean;
}

/** Begins at none passed and none failed; `print` gets every line as it comes. */
export function startChecks(print: (line: string) => void): Checks {
  let passed = 0;
  let failed = 0;
  const fail = (name: string, error: unknown): void => {
    failed += 1;
    print(`FAILED  ${name}\n${indented(error instanceof Error ? error.message : String(error))}`);
  };
  return {
    fail,
    async check(name, body) {
      const startedAt = performance.now();
      try {
        await body();
        passed += 1;
        print(`ok      ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
      } catch (error) {
        fail(name, error);
      }
    },
    notRun(what, reason) {
      print(`not run: ${what}: ${reason}`);
    },
    close() {
      print(`${passed} passed, ${failed} failed`);
      return failed === 0;
    },
  };
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '        ');
}
