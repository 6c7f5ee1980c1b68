import { assertNever } from '../model/errors.ts';
import type { Trigger } from '../model/output.ts';

/** The root act in a few words, from its fields alone. */
export function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'netlink-request': return words('netlink request', trigger.request, trigger.flags.join(' '));
    case 'ioctl': return words('ioctl', trigger.request);
    case 'sysctl': return words('sysctl', trigger.name, valueChange(trigger.oldValue, trigger.value));
    case 'setsockopt': return words('setsockopt', trigger.option, trigger.address);
    case 'router-advertisement': return words('router advertisement', on('from', trigger.source), on('on', trigger.dev), on('lifetime', trigger.lifetime));
    case 'icmp-redirect': return words('ICMP redirect', on('from', trigger.source));
    case 'icmp-too-big': return words('ICMP packet too big', on('from', trigger.source), on('mtu', trigger.mtu));
    case 'link-state': return words('link state', device(trigger), trigger.state, on('mtu', trigger.mtu), on('master', trigger.master));
    case 'device': return words('device', device(trigger), trigger.event ?? 'gone');
    case 'namespace': return words('network namespace', trigger.event, on('dev', trigger.dev));
    case 'address-change': return words('address', trigger.address, trigger.event, on('on', device(trigger)));
    case 'address-lifetime': return words('address lifetime ended', trigger.address, on('on', trigger.dev));
    case 'route-lifetime': return 'route lifetime ended';
    case 'nexthop-change': return words('nexthop object', trigger.id, trigger.event);
    case 'unknown': return 'unknown';
    default: return assertNever(trigger);
  }
}

const words = (...parts: readonly (string | number | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(' ');
const on = (word: string, value: string | number | undefined): string | undefined => (value === undefined ? undefined : `${word} ${value}`);
const device = (at: { readonly dev?: string; readonly ifindex?: number }): string | undefined =>
  at.dev ?? (at.ifindex === undefined ? undefined : `ifindex ${at.ifindex}`);

function valueChange(oldValue: number | string | undefined, value: number | string | undefined): string {
  if (value === undefined) return '';
  return oldValue === undefined ? `set to ${value}` : `${oldValue} -> ${value}`;
}
