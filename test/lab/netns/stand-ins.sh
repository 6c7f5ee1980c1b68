# SPDX-License-Identifier: MIT
# For scenarios on a host whose kernel lacks what the lab's has ($BASH_ENV of their shell): an ifb device, which needs no
# neighbour discovery either and has its carrier at once, stands in for a dummy one; modules are there or not.
ip() {
  local words=() word before=
  for word in "$@"; do
    [[ $before == type && $word == dummy ]] && word=ifb
    words+=("$word")
    before=$word
  done
  command ip "${words[@]}"
}

modprobe() { :; }
