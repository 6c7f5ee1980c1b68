import type { Reference } from '../model/output.ts';

const rfc = (number: number, title: string, section?: string): Reference => ({
  id: `RFC ${number}`, title, ...(section === undefined ? {} : { section }),
  url: `https://www.rfc-editor.org/rfc/rfc${number}${section === undefined ? '' : `#section-${section}`}`,
});
const kernel = (id: string, title: string, path: string): Reference => ({ id, title, url: `https://docs.kernel.org/${path}` });

/** What explains each thing to a person; one entry per text, cited by causes. */
export const REFERENCES = {
  subnetRouterAnycast: rfc(4291, 'IP Version 6 Addressing Architecture: the subnet-router anycast address', '2.6.1'),
  anycast: rfc(4291, 'IP Version 6 Addressing Architecture: anycast addresses', '2.6'),
  reservedAnycast: rfc(2526, 'Reserved IPv6 Subnet Anycast Addresses'),
  pointToPoint127: rfc(6164, 'Using 127-Bit IPv6 Prefixes on Inter-Router Links'),
  autoconfiguration: rfc(4862, 'IPv6 Stateless Address Autoconfiguration: duplicate address detection', '5.4'),
  neighbourDiscovery: rfc(4861, 'Neighbor Discovery for IP version 6'),
  onLink: rfc(5942, 'IPv6 Subnet Model: the relationship between links and subnet prefixes'),
  broadcast: rfc(919, 'Broadcasting Internet Datagrams'),
  slash31: rfc(3021, 'Using 31-Bit Prefixes on IPv4 Point-to-Point Links'),
  icmp: rfc(792, 'Internet Control Message Protocol: redirect'),
  hostRequirements: rfc(1122, 'Requirements for Internet Hosts: redirects', '3.2.2.2'),
  pathMtu: rfc(1191, 'Path MTU Discovery'),
  pathMtu6: rfc(8201, 'Path MTU Discovery for IP version 6'),
  ipSysctl: kernel('ip-sysctl', 'Linux kernel: IP sysctl', 'networking/ip-sysctl.html'),
  vrf: kernel('vrf', 'Linux kernel: Virtual Routing and Forwarding', 'networking/vrf.html'),
  rtnetlink: { id: 'rtnetlink(7)', title: 'Linux routing socket', url: 'https://man7.org/linux/man-pages/man7/rtnetlink.7.html' },
  netlink: { id: 'netlink(7)', title: 'communication between kernel and user space: errors and acknowledgements', url: 'https://man7.org/linux/man-pages/man7/netlink.7.html' },
  ipRoute: { id: 'ip-route(8)', title: 'routing table management', url: 'https://man7.org/linux/man-pages/man8/ip-route.8.html' },
  ipRule: { id: 'ip-rule(8)', title: 'routing policy database management', url: 'https://man7.org/linux/man-pages/man8/ip-rule.8.html' },
  ipAddress: { id: 'ip-address(8)', title: 'protocol address management', url: 'https://man7.org/linux/man-pages/man8/ip-address.8.html' },
  ipLink: { id: 'ip-link(8)', title: 'network device configuration', url: 'https://man7.org/linux/man-pages/man8/ip-link.8.html' },
  ipv6Socket: { id: 'RFC 3493', title: 'Basic Socket Interface Extensions for IPv6', url: 'https://www.rfc-editor.org/rfc/rfc3493' },
  routeIoctl: { id: 'route(8)', title: 'show and manipulate the IP routing table by ioctl', url: 'https://man7.org/linux/man-pages/man8/route.8.html' },
} as const satisfies Record<string, Reference>;
