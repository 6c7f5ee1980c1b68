#!/bin/bash
# stage.sh up|down: the namespaces im (watched) and im-far, with cables in VRFs and out of them, sessions, and tunnels of all kinds.
# Addresses: cable N is 10.N.0.1 here and 10.N.0.2 there, fd00:N::1 and fd00:N::2. Cables 0 to 2 are in no VRF, 3 and 4 in vrf3 and vrf4.
near=im far=im-far work=/run/impact
here=$(dirname "${BASH_SOURCE[0]}")

cable() {
  ip link add name "near$1" netns $near type veth peer name "far$1" netns $far
  if [[ -n ${vrf-} ]]; then ip -n $near link set "near$1" master "$vrf"; fi
  end $near "near$1" "$1" 1
  end $far "far$1" "$1" 2
}

# end NETNS DEVICE CABLE HOST
end() {
  ip -n "$1" link set "$2" up
  ip -n "$1" addr add "10.$3.0.$4/24" dev "$2"
  ip -n "$1" addr add "fd00:$3::$4/64" dev "$2" nodad
}

up() {
  mkdir -p $work
  ip netns add $near
  ip netns add $far
  ip -n $near link set lo up
  ip -n $far link set lo up
  local i
  for i in 3 4; do
    ip -n $near link add "vrf$i" type vrf table "10$i"
    ip -n $near link set "vrf$i" up
  done
  for i in 0 1 2; do vrf='' cable $i; done
  for i in 3 4; do vrf=vrf$i cable $i; done
  ip -n $far addr add 10.9.9.9/32 dev lo
  ip -n $near route add 10.9.9.0/24 via 10.2.0.2
  # Where tunnels lead to: one remote each, so that each can be moved by itself.
  ip -n $near route add 10.30.0.0/16 via 10.0.0.2
  ip -n $near -6 route add fd00:30::/64 via fd00:0::2
  ip -n $near link add vxlan2 type vxlan id 9 remote fd00:30::1 dstport 4791
  ip -n $near link add vxlan0 type vxlan id 7 remote 10.30.0.1 dstport 4789
  ip -n $near link add gre0x type gre remote 10.30.0.2 local 10.0.0.1
  ip -n $near link add sit0x type sit remote 10.30.0.3 local 10.0.0.1
  ip -n $near link add ipip0x type ipip remote 10.30.0.4 local 10.0.0.1
  ip -n $near link add wg0x type wireguard
  ip netns exec $near wg set wg0x private-key <(wg genkey) peer "$(wg genkey | wg pubkey)" endpoint 10.30.0.5:51820
  ip -n $near link add vxlan1 type vxlan id 8 dstport 4790 local 10.0.0.1 nolearning
  bridge -n $near fdb append 00:00:00:00:00:00 dev vxlan1 dst 10.30.0.6
  setsid ip netns exec $far python3 "$here/peers.py" serve > $work/far 2>&1 < /dev/null &
  until grep -q up $work/far 2> /dev/null; do sleep 0.05; done
  setsid ip netns exec $near python3 "$here/peers.py" connect > $work/near 2>&1 < /dev/null &
  until grep -q up $work/near; do sleep 0.05; done
}

down() {
  local netns
  for netns in $near $far; do
    # shellcheck disable=SC2046 # one word each
    kill $(ip netns pids $netns)
    ip netns del $netns
  done
  rm -rf $work
}

"$1"
