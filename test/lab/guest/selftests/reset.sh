#!/bin/bash
# reset.sh NAMESPACE: makes it what `ip netns add` makes, except for what decoys and sentinels have there. The first
# call notes what that is. What could not be undone is told in /run/selftests-NAMESPACE.trouble.
# It runs a hundred times on a slow machine, so it starts few processes.
set -u
[[ ${2-} == inside ]] || exec nsenter --net="/run/netns/$1" bash "$0" "$1" inside
noted=/run/selftests-$1.new trouble=/run/selftests-$1.trouble
# Tables of decoys and sentinels; a sysctl that decoys write; the rule that the VRF module adds once in the life of a namespace.
not_ours='table (4242|4243)( |$)|/ipv6/conf/lo/hop_limit=|l3mdev'

# Fills `state`: "KIND WHAT" is 1. Lines of rules begin with a number, colon and tab.
declare -A state new
look() {
  local line file family
  state=()
  while IFS= read -r line; do
    # Once lo was given a MAC address, the kernel does not take zeroes for one again; no route depends on it.
    line=${line/link\/loopback +([0-9a-f:])/link\/loopback}
    note "other ${line/ qdisc no+([a-z])/}"
  done < <(ip -o -batch - <<< $'link show\naddr show\nnexthop show')
  for family in 4 6; do
    while IFS= read -r line; do note "$family $line"; done < <(ip "-$family" -batch - <<< $'rule show\nroute show table all')
  done
  # A value that cannot be read is none.
  for file in "${sysctls[@]}"; do
    line=
    read -r line 2> /dev/null < "$file"
    note "sysctl $file=$line"
  done
}
note() { [[ $1 =~ $not_ours ]] || state[$1]=1; }

undo() {
  local line words
  for line in "${!state[@]}"; do
    [[ $line == "$1 "* && -z ${new[$line]-} ]] || continue
    words=${line#* }
    if [[ $words =~ ^([0-9]+):$'\t' ]]; then echo "rule del pref ${BASH_REMATCH[1]}"; else echo "route del $words"; fi
  done
  for line in "${!new[@]}"; do
    [[ $line == "$1 "* && -z ${state[$line]-} ]] || continue
    words=${line#* }
    echo "rule add pref ${words%%:*} ${words#*$'\t'}"
  done
}

undo_sysctls() {
  local file line
  # In the order of the list: what is written to "all" may go to the others.
  for file in "${sysctls[@]}"; do
    for line in "${changed[@]}"; do
      [[ $line != "sysctl $file="* ]] || { echo "${line#*=}" > "$file"; } 2> /dev/null
    done
  done
}

# Peers go with one another, so not every deletion finds its device. /proc/net/dev is of this namespace.
clear_devices() {
  local name rest
  while IFS=' :' read -r name rest; do
    [[ $name == lo || $name == Inter-* || $name == face* ]] || echo "link del $name"
  done < /proc/net/dev
  printf '%s\n' 'addr flush dev lo' 'link set lo down' 'nexthop flush'
}

shopt -s extglob globstar nullglob
clear_devices | ip -force -batch - > /dev/null 2>&1
sysctls=()
for file in /proc/sys/net/ipv[46]/**/*; do [[ ! -f $file ]] || sysctls+=("$file"); done
look
[[ -e $noted ]] || printf '%s\n' "${!state[@]}" > "$noted"
while IFS= read -r line; do new[$line]=1; done < "$noted"
for round in 1 2 3; do
  changed=()
  for line in "${!new[@]}"; do [[ -n ${state[$line]-} ]] || changed+=("$line"); done
  odd=()
  for line in "${!state[@]}"; do [[ -n ${new[$line]-} ]] || odd+=("$line"); done
  ((${#changed[@]} + ${#odd[@]} > 0)) || exit 0
  undo_sysctls
  [[ "${odd[*]} ${changed[*]}" != *' qdisc '* ]] || tc qdisc del dev lo root
  for family in 4 6; do
    removals=$(undo $family)
    [[ -z $removals ]] || ip "-$family" -force -batch - <<< "$removals"
  done
  look
done
{ printf 'was %s\n' "${changed[@]}"; printf 'is %s\n' "${odd[@]}"; } >> "$trouble"
exit 1
