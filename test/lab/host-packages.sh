#!/bin/sh
# Installs what the lab needs on a Debian or Ubuntu host. Does nothing when it is all there.
set -eu

missing=
need() { # command package
  command -v "$1" > /dev/null || missing="$missing $2"
}
PATH=$PATH:/usr/sbin:/sbin
need mmdebstrap mmdebstrap
need qemu-system-x86_64 qemu-system-x86
need mke2fs e2fsprogs
need ssh openssh-client
need setpriv util-linux
need xz xz-utils
need zstd zstd
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"

[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "host-packages: as root, install:$missing" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # one word per package
apt-get install -q -y --no-install-recommends $missing
