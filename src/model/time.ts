/** Nanoseconds of CLOCK_BOOTTIME: since boot, suspend included. The one clock of all observations. */
export type BootTime = bigint & { readonly __brand: 'BootTime' };

/** The caller vouches that `ns` was read from CLOCK_BOOTTIME. */
export const bootTime = (ns: bigint): BootTime => ns as BootTime;

/** RFC 3339 in UTC with microseconds; `offsetNs` is CLOCK_REALTIME minus CLOCK_BOOTTIME. */
export function formatRealTime(time: BootTime, offsetNs: bigint): string {
  const micros = (time + offsetNs) / 1000n;
  const date = new Date(Number(micros / 1000n));
  if (Number.isNaN(date.getTime())) return new Date(0).toISOString();
  return date.toISOString().replace('Z', `${String(micros % 1000n).padStart(3, '0')}Z`);
}
