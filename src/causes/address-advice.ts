import type { Facts } from '../model/attribution.ts';

/** The same advice holds for both families: the routes of an address come and go with it. */
export function addressAdvice(facts: Facts): readonly string[] {
  return facts.change.change === 'delete'
    ? ['These routes belong to the address and come back with it: give the address back, or add the route by hand if it was meant to stay.',
      'Static routes that used the device or the source address do not come back by themselves.']
    : ['These routes belong to the address: remove the address to be rid of them, or add it with noprefixroute to keep the prefix route away.'];
}
