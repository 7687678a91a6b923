/** Time as SYSUTCDATETIME sees it: in units of 100 ns. */

/** The system's clock in 100 ns units since 1970-01-01 UTC, finer than Date.now by the monotonic clock. */
export function systemClock(): () => bigint {
  const start = BigInt(Date.now()) * 10_000n;
  const startedAt = process.hrtime.bigint();
  let correction = 0n;
  return () => {
    const now = start + correction + (process.hrtime.bigint() - startedAt) / 100n;
    // A laptop that slept, or a clock set anew: follow the wall clock when the two drift apart by more than a second.
    const drift = BigInt(Date.now()) * 10_000n - now;
    if (drift > 10_000_000n || drift < -10_000_000n) correction += drift;
    return start + correction + (process.hrtime.bigint() - startedAt) / 100n;
  };
}

/** `2024-01-31 23:59:59.1234567` of a time in 100 ns units since 1970-01-01 UTC. */
export function timestampText(ticks: bigint): string {
  const fraction = ((ticks % 10_000_000n) + 10_000_000n) % 10_000_000n;
  const seconds = (ticks - fraction) / 10_000_000n;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${whole}.${fraction.toString().padStart(7, '0')}`;
}
