#!/bin/bash
# session.sh FOLDER: what a person does with Vagrant, typed here, with what it printed in FOLDER/transcript.txt and the recording in
# FOLDER/incident.rcr. Runs in in-namespace.sh, from the checkout; the environment names the box.
set -euo pipefail
folder=$1
export HOME=$folder/home VAGRANT_HOME=$folder/home/.vagrant.d VAGRANT_DOTFILE_PATH=$folder/dot VAGRANT_CHECKPOINT_DISABLE=1 VAGRANT_NO_COLOR=1 VAGRANT_NO_PARALLEL=1
mkdir -p "$HOME"
exec > "$folder/output.txt" 2>&1
: > "$folder/transcript.txt"

# typed NAME COMMAND: runs it, and keeps it with what it printed; its time too.
typed() {
  local from=$SECONDS status=0
  printf '== %s\n$ %s\n' "$1" "$2" >> "$folder/transcript.txt"
  bash -c "$2" < /dev/null > "$folder/one.txt" 2>&1 || status=$?
  tr -d '\r' < "$folder/one.txt" >> "$folder/transcript.txt"
  echo "== took $((SECONDS - from)) s, ended with $status" | tee -a "$folder/transcript.txt"
  return $status
}

end() { vagrant destroy -f || true; }
trap end EXIT
# As the first process of its namespace it would not hear signals otherwise.
trap "exit 130" INT TERM
typed up 'vagrant up --provider=libvirt'
typed before "vagrant ssh --no-tty firewall -c 'for i in 1 2; do sudo vtysh -c \"show bgp vrf vrf\$i ipv6 summary\" | grep -A1 ^Neighbor; done'"
typed evpn "vagrant ssh --no-tty hypervisor -c 'sudo vtysh -c \"show bgp l2vpn evpn route type prefix\" | grep -B1 -A1 2001:db8'"
typed run "vagrant ssh --no-tty firewall -c 'incident run subnet-router-anycast'"
typed after "vagrant ssh --no-tty firewall -c 'for i in 1 2; do sudo vtysh -c \"show bgp vrf vrf\$i ipv6 summary\" | grep -A1 ^Neighbor; done; ip -6 route get fdc0:3489:e0fd:: vrf vrf1'"
typed recording "vagrant ssh --no-tty firewall -c 'incident recording'"
file=$(grep -o '/var/lib/routecause/.*\.rcr' "$folder/one.txt")
typed out "vagrant ssh --no-tty firewall -c 'sudo cat $file' > $folder/incident.rcr"
typed reset "vagrant ssh --no-tty firewall -c 'incident reset; for i in 1 2; do sudo vtysh -c \"show bgp vrf vrf\$i ipv6 summary\" | grep -A1 ^Neighbor; done'"
