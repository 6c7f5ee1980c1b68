import type { ImpactEffect, ImpactWhat, ImpactedOutput, ImpactOutput } from '../model/output.ts';

const BGP_PORT = 179;

/** Things of one kind, counted: "2 BGP sessions". */
function thingsOf(what: ImpactWhat, endpoints: readonly ImpactedOutput[], count: number): string {
  const isBgp = endpoints.every(({ remotePort, localPort }) => remotePort === BGP_PORT || localPort === BGP_PORT);
  const [one, many] = what === 'tcp' ? [`${isBgp ? 'BGP' : 'TCP'} session`, `${isBgp ? 'BGP' : 'TCP'} sessions`] : WORDS[what];
  return count === 1 ? one : `${count} ${many}`;
}

const WORDS: Readonly<Record<Exclude<ImpactWhat, 'tcp'>, readonly [string, string]>> = {
  udp: ['connected UDP socket', 'connected UDP sockets'], neighbour: ['neighbour', 'neighbours'], nexthop: ['nexthop', 'nexthops'],
  tunnel: ['tunnel endpoint', 'tunnel endpoints'], 'bgp-peer': ['BGP neighbour', 'BGP neighbours'], 'bfd-peer': ['BFD peer', 'BFD peers'],
};

/** "2 BGP sessions of bgpd", "BGP session of bgpd to 192.0.2.1" */
function subjectOf({ what, endpoints, count, owner }: Pick<ImpactOutput, 'what' | 'endpoints' | 'count' | 'owner'>): string {
  const [first] = endpoints;
  const whose = owner === undefined ? '' : ` of ${owner.comm ?? `process ${owner.pid}`}`;
  const which = count > 1 || first === undefined ? '' : ` ${what === 'tcp' || what === 'udp' ? 'to ' : ''}${first.remote}${first.name === undefined || what !== 'tunnel' ? '' : ` of ${first.name}`}`;
  return `${thingsOf(what, endpoints, count)}${whose}${which}`;
}

/** What the effect is, of one or of many. */
function effectWords(effect: ImpactEffect, endpoints: readonly ImpactedOutput[], count: number): string {
  const s = count === 1 ? 's' : '';
  const same = (read: (one: ImpactedOutput) => string | undefined): string | undefined => {
    const all = new Set(endpoints.map(read));
    return all.size === 1 ? [...all][0] : undefined;
  };
  switch (effect) {
    case 'local-delivery': return `now point${s} at this host`;
    case 'other-device': {
      const device = same(({ after }) => after.dev);
      return `now go${count === 1 ? 'es' : ''} out over ${device === undefined ? 'other devices' : device}`;
    }
    case 'other-gateway': {
      const gateway = same(({ after }) => after.gateway ?? '');
      return gateway === '' ? `now go${count === 1 ? 'es' : ''} without a gateway` : `now take${s} ${gateway === undefined ? 'other gateways' : `the gateway ${gateway}`}`;
    }
    case 'other-source': {
      const source = same(({ after }) => after.source);
      return `would now be reached from ${source ?? 'another address'}`;
    }
    case 'source-gone': {
      const local = same(one => one.local);
      return `come${s} from ${local === undefined ? 'addresses that are' : `${local}, which is`} no longer this host's`;
    }
    case 'other-vrf': return count === 1 ? 'is no longer in its VRF' : 'are no longer in their VRF';
    case 'unreachable': {
      const error = same(({ after }) => after.error);
      return `can no longer be reached${error === undefined ? '' : ` (${REASONS[error] ?? error})`}`;
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENETUNREACH: 'no route', EHOSTUNREACH: 'unreachable', EACCES: 'prohibited', EINVAL: 'EINVAL, as of a blackhole route', ENETDOWN: 'its device is down', ENODEV: 'its device is gone',
};

export function headlineOf(impact: Pick<ImpactOutput, 'status' | 'what' | 'effect' | 'endpoints' | 'count' | 'owner' | 'afterSeconds'>): string {
  const { status, what, effect, endpoints, count, afterSeconds } = impact;
  const subject = subjectOf(impact);
  switch (status) {
    case 'expected': return `${subject} ${effectWords(effect, endpoints, count)}`;
    case 'observed': return `${subject} ${endWords(what, endpoints, count)}${afterSeconds === undefined ? '' : `, ${afterSeconds} s after the change`}`;
    case 'cleared': return `${subject} ${count === 1 ? 'is' : 'are'} reached as before again`;
  }
}

function endWords(what: ImpactWhat, endpoints: readonly ImpactedOutput[], count: number): string {
  const states = new Set(endpoints.map(({ state }) => state));
  const state = states.size === 1 ? [...states][0] : undefined;
  if (what === 'bgp-peer' || what === 'bfd-peer') return `${count === 1 ? 'is' : 'are'} ${state ?? 'no longer up'}`;
  const sent = endpoints.reduce((sum, one) => sum + (one.retransmits ?? 0), 0);
  return `ended${state === undefined ? '' : ` (${state})`}${sent === 0 ? '' : ' with unanswered retransmissions'}`;
}
