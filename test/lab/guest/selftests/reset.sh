#!/bin/bash
# reset.sh NAMESPACE: makes it what `ip netns add` makes, except for what decoys and sentinels have there. The first
# call notes what that is. What could not be undone is told in /run/selftests-NAMESPACE.trouble.
set -u
[[ ${2-} == inside ]] || exec nsenter --net="/run/netns/$1" bash "$0" "$1" inside
noted=/run/selftests-$1.new trouble=/run/selftests-$1.trouble
# Tables of decoys and sentinels; a sysctl that decoys write; the rule that the VRF module adds once in the life of a namespace.
not_ours='table (4242|4243)( |$)|/ipv6/conf/lo/hop_limit:|l3mdev'

# Few processes: a slow machine does this a hundred times. Lines of rules begin with a number, colon and tab.
state() {
  {
    ip -o -batch - <<< $'link show\naddr show\nnexthop show' | sed 's/^/other /; s/ qdisc no[a-z]*//'
    for family in 4 6; do ip "-$family" -batch - <<< $'rule show\nroute show table all' | sed "s/^/$family /"; done
    grep -rs '' /proc/sys/net/ipv4 /proc/sys/net/ipv6
  } | grep -vE "$not_ours"
}

# What is there and was not, and what was and is not.
undo() {
  local line number
  while read -r line; do
    number=${line:2}
    number=${number%%:*}
    case $line in
      [46]\ [0-9]*:$'\t'*) echo "rule del pref $number" ;;
      [46]\ *) echo "route del ${line:2}" ;;
    esac
  done < <(comm -23 "$noted.now" "$noted" | grep "^$1 ")
  while IFS=$' :\t' read -r _ number line; do
    echo "rule add pref $number ${line% }"
  done < <(comm -13 "$noted.now" "$noted" | grep -E "^$1 [0-9]+:"$'\t')
}

# Devices: /proc/net/dev is of this namespace. Peers go with one another, so not every deletion finds its device.
{
  while IFS=' :' read -r name rest; do
    [[ $name == lo || $rest == *'|'* ]] || echo "link del $name"
  done < <(tail -n +3 /proc/net/dev)
  printf '%s\n' 'addr flush dev lo' 'link set lo down' 'nexthop flush'
} | ip -force -batch - > /dev/null 2>&1

# Some sysctls write to others: those of "all" come first, and there is more than one round.
for round in 1 2 3; do
  state | sort > "$noted.now"
  [[ -e $noted ]] || cp "$noted.now" "$noted"
  ! cmp -s "$noted.now" "$noted" || break
  tc qdisc del dev lo root 2> /dev/null
  for family in 4 6; do undo $family | ip "-$family" -force -batch - 2> /dev/null; done
  while IFS= read -r line; do
    [[ $line != /proc/* ]] || { echo "${line#*:}" > "${line%%:*}"; } 2> /dev/null
  done < <(comm -13 "$noted.now" "$noted")
done
cmp -s "$noted.now" "$noted" || comm -3 "$noted.now" "$noted" >> "$trouble"
