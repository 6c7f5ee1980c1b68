/** Nanoseconds of CLOCK_BOOTTIME: since boot, suspend included. The one clock of all observations. */
export type BootTime = bigint & { readonly __brand: 'BootTime' };

/** The caller vouches that `ns` was read from CLOCK_BOOTTIME. */
export const bootTime = (ns: bigint): BootTime => ns as BootTime;

/** RFC 3339 in UTC with microseconds; `offsetNs` is CLOCK_REALTIME minus CLOCK_BOOTTIME. */
export function formatRealTime(time: BootTime, offsetNs: bigint): string {
  const micros = (time + offsetNs) / 1000n;
  // A damaged recording may say anything; RFC 3339 has no years beyond 9999.
  const isSane = micros >= 0n && micros < 253_402_300_800_000_000n;
  const date = new Date(isSane ? Number(micros / 1000n) : 0);
  return date.toISOString().replace('Z', `${String(isSane ? micros % 1000n : 0n).padStart(3, '0')}Z`);
}
