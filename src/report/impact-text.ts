import type { ImpactedOutput, ImpactOutput, ImpactScopeOutput, ReachOutput } from '../model/output.ts';

/** What is expected, what has come of it, or that it is over. */
export const impactTitle = ({ status, headline, caveats = [] }: ImpactOutput): string =>
  `impact ${status}: ${headline}${caveats.map(text => ` (${text})`).join('')}`;

/** The endpoints, as far as there is room: each with the way to it before and after. */
export function endpointTexts({ endpoints, count, status, what }: ImpactOutput, room: number): readonly string[] {
  const listed = endpoints.slice(0, count > room ? room - 1 : room).map(one => `${endpointText(what, one)}: ${status === 'cleared' ? reachText(one.after) : `${reachText(one.before)} -> ${reachText(one.after)}`}`);
  return count > listed.length ? [...listed, `and ${count - listed.length} more`] : listed;
}

function endpointText(what: ImpactOutput['what'], { remote, remotePort, local, localPort, dev, name, routes = [] }: ImpactedOutput): string {
  const at = (address: string, port: number | undefined): string => port === undefined ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return [
    what === 'tcp' || what === 'udp' ? what : name ?? what, at(remote, remotePort), local === undefined ? '' : `from ${at(local, localPort)}`,
    dev === undefined ? '' : `${what === 'neighbour' || what === 'nexthop' ? 'on' : 'bound to'} ${dev}`, routes.length === 0 ? '' : `of ${routes.join(', ')}`,
  ].filter(text => text !== '').join(' ');
}

function reachText({ error, type, dev, gateway, source, tableName, table, fromHere }: ReachOutput): string {
  const from = fromHere === false ? ', its own address gone' : '';
  if (error !== undefined) return `${error}${from}`;
  const isHere = type === 'local' || type === 'anycast' || type === 'broadcast';
  return [
    isHere ? `this host (${type}${table === undefined ? '' : `, table ${tableName ?? table}`})` : gateway === undefined ? '' : `via ${gateway}`,
    isHere || dev === undefined ? '' : `dev ${dev}`, source === undefined || isHere ? '' : `src ${source}`,
  ].filter(text => text !== '').join(' ') + from;
}

const NOUNS = {
  tcp: ['TCP session', 'TCP sessions'], udp: ['connected UDP socket', 'connected UDP sockets'], neighbour: ['neighbour', 'neighbours'], nexthop: ['nexthop', 'nexthops'],
  tunnel: ['tunnel endpoint', 'tunnel endpoints'], 'bgp-peer': ['BGP neighbour', 'BGP neighbours'], 'bfd-peer': ['BFD peer', 'BFD peers'],
} as const;

/** What is watched, and what is not. */
export function scopeSentence({ watched, unchecked }: ImpactScopeOutput): string {
  const counted = Object.entries(NOUNS).flatMap(([what, [one, many]]) => {
    const count = watched[what as keyof typeof NOUNS] ?? 0;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  const not = unchecked.length === 0 ? '' : `; not checked: ${unchecked.join('; ')}`;
  return `impact is watched of ${counted.length === 0 ? 'nothing that is there now' : counted.join(', ')}${not}`;
}
