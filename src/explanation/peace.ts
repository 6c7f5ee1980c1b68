import type { WarSide } from '../model/output.ts';

/** Programs that put things back, and the setting that makes them leave those of others alone. */
const SETTINGS: readonly { readonly names: RegExp; readonly text: string }[] = [
  { names: /^systemd-network(d|\.|$)/, text: 'systemd-networkd: ManageForeignRoutes=no and ManageForeignRoutingPolicyRules=no in networkd.conf make it leave what others added; KeepConfiguration=yes keeps addresses' },
  { names: /^NetworkManager/, text: 'NetworkManager: give the device to one owner (nmcli device set DEV managed no), or set ipv4.never-default, ipv4.ignore-auto-routes and ipv4.route-table of the connection' },
  { names: /^dhclient/, text: 'dhclient: an enter hook that unsets new_routers keeps it from setting the default route' },
  { names: /^dhcpcd/, text: 'dhcpcd: nogateway (for the device, in dhcpcd.conf) keeps it from setting the default route, denyinterfaces from touching the device' },
  { names: /^(udhcpc|busybox)/, text: 'udhcpc: its script (udhcpc -s) is what sets the routes' },
  { names: /^(zebra|frr|bgpd|staticd|ospfd)/, text: 'FRR: leave the route out of zebra with a route-map (ip protocol PROTO route-map NAME), or out of its configuration' },
  { names: /^bird/, text: 'BIRD: let the kernel protocol export only what it owns (a filter on export), and learn what others add' },
  { names: /^keepalived/, text: 'keepalived: take the address or route out of virtual_ipaddress and virtual_routes, or set no_track on it' },
  { names: /^(wg-quick|wg)/, text: 'wg-quick: Table = off keeps it from setting routes and rules' },
  { names: /^openvpn/, text: 'OpenVPN: route-nopull (or pull-filter ignore "redirect-gateway") keeps it from setting routes' },
  { names: /^tailscaled/, text: 'Tailscale: --accept-routes=false, and --netfilter-mode=off for its rules' },
  { names: /^(google_guest|google-guest)/, text: 'Google guest agent: [NetworkInterfaces] setup = false and [Daemons] network_daemon = false in instance_configs.cfg make it leave addresses and routes' },
  { names: /^(calico|felix|cilium|flannel|aws-k8s|aws-cni)/, text: 'the container network keeps what its own state says: change it there, or exclude the device or table in its configuration' },
  { names: /^connman/, text: 'ConnMan: NetworkInterfaceBlacklist in main.conf makes it leave the device' },
];

/** What ends the war, by the names of those who fight it. */
export function endsWar(sides: readonly WarSide[]): readonly string[] {
  const settings = sides.flatMap(side => {
    const names = [side.comm, side.unit, side.argv?.[0]?.replace(/^.*\//, '')];
    return SETTINGS.filter(setting => names.some(name => name !== undefined && setting.names.test(name))).map(setting => setting.text);
  });
  return ['Decide which of the two owns this, and make the other one leave it alone; whatever you set by hand will be undone as well.', ...new Set(settings)];
}
