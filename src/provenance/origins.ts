import { fromAddress } from './address.ts';
import { fromAdvertisement } from './advertisement.ts';
import { fromAnycastSocket, fromSubnetRouter } from './anycast.ts';
import { fromDevice } from './device.ts';
import type { Case, Origin, OriginReader } from './origin.ts';
import { fromProgram } from './program.ts';

/** The order is that of ways which stand equal. */
const READERS: readonly OriginReader[] = [fromAddress, fromSubnetRouter, fromAnycastSocket, fromDevice, fromAdvertisement, fromProgram];

const RANK: Readonly<Record<Origin['standing'], number>> = { likely: 0, possible: 1, unlikely: 2 };

/** Every way in which the route can have come, most likely first. There is always one: a program can have asked for any route. */
export function originsOf(one: Case): readonly Origin[] {
  const found = READERS.flatMap(reader => reader(one) ?? []);
  const hasBetter = found.some(({ standing }) => standing !== 'unlikely');
  // Where nothing of the kernel's fits, what claims to be the kernel's is a program's.
  const settled = hasBetter ? found : found.map(origin => ({ ...origin, standing: origin.id === 'program' ? 'likely' as const : origin.standing, against: origin.id === 'program' ? [] : origin.against }));
  return settled.toSorted((a, b) => RANK[a.standing] - RANK[b.standing]);
}
