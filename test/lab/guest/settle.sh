#!/bin/bash
# settle.sh NS NUMBER [DECOYS_PGID]: halts the decoys of the namespace, adds and deletes a sentinel route, tells the state, lets the decoys go on.
ns=$1 number=$2 decoys=${3-}
[[ -z $decoys ]] || kill -STOP -- "-$decoys"
sentinel="blackhole 10.255.$((number / 256)).$((number % 256))/32 table 4243"
# shellcheck disable=SC2086 # words
{ ip -n "$ns" route add $sentinel && ip -n "$ns" route del $sentinel; } || exit 1
printf '{"routes4":%s,"routes6":%s,"links":%s,"counts":' \
  "$(ip -n "$ns" -N -j -d -4 route show table all)" "$(ip -n "$ns" -N -j -d -6 route show table all)" "$(ip -n "$ns" -j link)"
jq -Rs . < <(for event in /sys/kernel/tracing/instances/routecause-lab/events/rclab/*/hist; do [[ -e $event ]] || continue; echo "@@ $event"; cat "$event"; done; echo "@@ misses"; cat /sys/kernel/tracing/kprobe_profile)
echo '}'
[[ -z $decoys ]] || kill -CONT -- "-$decoys"
