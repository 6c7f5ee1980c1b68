#!/bin/bash
# run.sh SCRIPT GROUP [KEPT [KEPT_AS]]: one group of tests ("-": the script has none) of a selftest script of the kernel,
# in a namespace of its own; with KEPT, that namespace stands for the one that the script makes as KEPT_AS, or, without
# KEPT_AS, for the one that it runs in. Prints what the script prints.
[[ -r $1 ]] || exit 1
script=$1 group=$2 kept=${3-} kept_as=${4-}
here=$(dirname "$(readlink -f "$0")")
arguments=()
[[ $group == - ]] || arguments=(-t "$group")
if [[ -n $kept && -z $kept_as ]]; then
  nsenter --net="/run/netns/$kept" bash "$script" "${arguments[@]}"
  bash "$here/reset.sh" "$kept"
elif [[ -n $kept ]]; then
  PATH=$here:$PATH KEPT=$kept KEPT_AS=$kept_as unshare --net bash "$script" "${arguments[@]}"
else
  unshare --net bash "$script" "${arguments[@]}"
fi

exit 0
