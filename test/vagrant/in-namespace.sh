#!/bin/bash
# in-namespace.sh FOLDER COMMAND...: runs a command with a libvirt of its own, in namespaces of its own (network, mounts, processes): its
# bridges, DHCP and ssh stay there, its files are in FOLDER, and all of it ends with the command. As root.
set -euo pipefail
folder=$1
shift
if [[ ${INSIDE-} != yes ]]; then
  mkdir -p "$folder"
  INSIDE=yes exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$folder" "$@"
fi
mount --make-rprivate /
ip link set lo up
mkdir -p "$folder"/{libvirt,images,cache,log}
cp -a /etc/libvirt "$folder/"
# Nothing here is confined by cgroups or AppArmor, and machines run as root: they are thrown away.
cat >> "$folder/libvirt/qemu.conf" << 'CONF'
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
remember_owner = 0
stdio_handler = "file"
CONF
mount -t tmpfs tmpfs /run
mount --bind "$folder/libvirt" /etc/libvirt
mount --bind "$folder/images" /var/lib/libvirt
mount --bind "$folder/cache" /var/cache/libvirt
mount --bind "$folder/log" /var/log/libvirt
# Networks that the package starts by itself.
rm -rf /etc/libvirt/qemu/networks/autostart/*
libvirtd > "$folder/libvirtd.log" 2>&1 &
for ((i = 0; i < 600; i++)); do
  if virsh -q -c qemu:///system list > "$folder/virsh.log" 2>&1; then exec "$@"; fi
  kill -0 $! || break
  sleep 0.1
done
cat "$folder/libvirtd.log" "$folder/virsh.log" >&2
exit 1
