import type { RouteChange } from '../model/attribution.ts';
import type { Route } from '../model/route.ts';

/** Functions that say something else where the route stays. */
export const IN_PLACE_WORDS: Readonly<Record<string, string>> = {
  addrconf_prefix_route: 'the prefix has a route already, which takes over whether it ends',
  cleanup_prefix_route: 'the addresses left of the prefix have an end, and so has its route',
};

/** What is different about a route that stayed where it was; undefined: it is another one now, or the kernel told. */
export function inPlaceWords({ change, silent, route, replaced }: RouteChange): string | undefined {
  if (change !== 'replace' || !silent || replaced === undefined) return undefined;
  const parts = [...prefWords(replaced, route), ...metricWords(replaced, route), ...expiryWords(replaced, route)];
  return parts.length === 0 ? undefined : `route ${route.dst} has ${parts.join(', ')} now, without a message`;
}

const prefWords = (before: Route, now: Route): readonly string[] => before.pref === now.pref || now.pref === undefined ? [] : [`preference ${now.pref} instead of ${before.pref ?? 'none'}`];

function metricWords({ metrics: before = {} }: Route, { metrics: now = {} }: Route): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap(name => {
    const [was, is] = [before[name], now[name]];
    return was === is ? [] : is === undefined ? [`no ${name}`] : was === undefined ? [`${name} ${is}`] : [`${name} ${is} instead of ${was}`];
  });
}

function expiryWords({ expiresSec: was }: Route, { expiresSec: is }: Route): readonly string[] {
  if ((was === undefined) === (is === undefined)) return [];
  return is === undefined ? ['no end'] : [`an end in ${Math.round(is)} s`];
}
