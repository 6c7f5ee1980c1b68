#!/bin/bash
# Builds the disk, kernel and initial ram disk of the lab guest, unless the cache holds them. Prints their folder.
#
#   build-image.sh [guest]     a Debian suite, default bookworm; linux-5.10: bookworm on the kernel of Debian 11
#
# Packages come from where apt on this host gets them. Needs root: the guest's files belong to root.
set -euo pipefail

guest=${1:-bookworm}
# `also`: a second release, for the kernel or for what the first one has no more; of a package in both apt takes the newer.
case $guest in
  linux-5.10) suite=bookworm also=bullseye kernel=linux-image-amd64/bullseye-security ;;
  unstable) suite=unstable also=trixie kernel=linux-image-amd64 ;;
  *) suite=$guest also='' kernel=linux-image-amd64 ;;
esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
recipe=$here/image
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${ROUTECAUSE_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/routecause-lab}
declare -A release_of=([bullseye]=debian-11 [bookworm]=debian-12 [trixie]=debian-13)
release_dir=$cache/${release_of[$guest]:-debian-$guest}

main() {
  local key image
  key=$(recipe_hash)
  image=$release_dir/$key
  if [[ ! -e $image/kernel ]]; then
    ((EUID == 0)) || fail 'the image is not in the cache and building it needs root: run it once with sudo -E.'
    mkdir -p "$release_dir"
    exec {lock}> "$release_dir/.lock"
    flock "$lock"
    [[ -e $image/kernel ]] || build "$image"
  fi
  echo "$image"
}

fail() {
  echo "build-image: $*" >&2
  exit 1
}

recipe_hash() {
  (cd "$here" && find build-image.sh image -type f -print0 | sort -z | xargs -0 sha256sum; echo "$guest") |
    sha256sum | cut -c1-16
}

build() {
  local image=$1
  work=$(mktemp -d "$release_dir/.build.XXXXXX")
  trap 'rm -rf --one-file-system "$work"' EXIT
  local root=$work/root out=$work/out
  mkdir "$out"
  ssh-keygen -q -t ed25519 -N '' -C routecause-lab -f "$out/id_ed25519"
  apt_sources "$suite" > "$work/sources.list"
  [[ -z $also ]] || apt_sources "$also" >> "$work/sources.list"
  apt_options > "$work/apt.conf"
  debootstrap_into "$root" "$work" "$out/id_ed25519.pub" >&2
  local release
  release=$(ls "$root/lib/modules")
  unpack_kernel "$root/boot/vmlinuz-$release" "$out/kernel"
  pack_initrd "$root" "$release" "$work/initrd" "$out/initrd.img"
  echo "routecause-lab $(cut -d' ' -f1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" > "$out/known_hosts"
  rm -rf "$root/boot"/*
  # A known machine id: an empty one, which mmdebstrap leaves, makes systemd treat each boot as the first.
  echo routecause-lab | md5sum | cut -c1-32 > "$root/etc/machine-id"
  mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1 -m 0 -L lab -d "$root" "$out/rootfs.ext4" 4G >&2
  chmod 755 "$out"
  mv -T "$out" "$image"
}

# The host's Debian repositories with the release name exchanged. Nothing found: mmdebstrap's own default is used.
apt_sources() {
  local suite=$1
  # shellcheck disable=SC2016 # apt expands these names
  apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
    'Created-By: Packages' |
    while IFS='|' read -r origin codename uri release component; do
      [[ $origin == Debian ]] || continue
      codename=${codename%%-*}
      [[ $suite != unstable || $release == "$codename" ]] || continue
      echo "deb [signed-by=$keyring] $uri ${release/#$codename/$suite} $component"
    done | sort -u
}

# Proxies, certificates and date checks of this host, for the build only.
apt_options() {
  apt-config dump | grep -E '^Acquire::(http|https|Check-|[^ ]*Proxy)[^ ]* "' || true
}

debootstrap_into() {
  local root=$1 work=$2 public_key=$3
  local sources=()
  [[ ! -s $work/sources.list ]] || sources=("$work/sources.list")
  # INITRD=No keeps the kernel package from making an initial ram disk: pack_initrd makes a far smaller one.
  INITRD=No mmdebstrap --mode=root --variant=minbase --format=directory \
    --include="$kernel,$(list "$recipe/packages.txt")" \
    --aptopt="$work/apt.conf" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --customize-hook="cp -R '$recipe/files/.' \"\$1\"" \
    --customize-hook="sh '$recipe/customize.sh' \"\$1\" '$public_key'" \
    "$suite" "$root" "${sources[@]}"
}

list() {
  grep -v '^#' "$1" | paste -sd,
}

# An emulated processor needs two seconds to unpack a kernel, so it is stored unpacked; QEMU starts that by its PVH note.
# Offsets: Documentation/arch/x86/boot.rst, setup_sects, payload_offset, payload_length.
unpack_kernel() {
  local packed=$1 kernel=$2 sectors offset length unpack
  read -r sectors < <(od -An -tu1 -j $((0x1f1)) -N1 "$packed")
  read -r offset length < <(od -An -tu4 -j $((0x248)) -N8 "$packed")
  offset=$(((sectors + 1) * 512 + offset))
  case $(od -An -tx1 -j "$offset" -N4 "$packed" | tr -d ' ') in
    fd377a58) unpack=(xz -dc) ;;
    28b52ffd) unpack=(zstd -dc) ;;
    *) unpack=(false) ;;
  esac
  # The last four bytes of the payload are its unpacked size.
  if ! dd if="$packed" iflag=skip_bytes,count_bytes skip="$offset" count=$((length - 4)) bs=1M status=none |
    "${unpack[@]}" > "$kernel"; then
    cp "$packed" "$kernel"
  fi
}

pack_initrd() {
  local root=$1 release=$2 tree=$3 archive=$4 file
  mkdir -p "$tree"/{bin,dev,proc,sys,root,modules}
  cp "$root/bin/busybox" "$tree/bin/"
  install -m 755 "$recipe/initrd-init" "$tree/init"
  # The guest's own modprobe and cpio, so that the host needs neither.
  # shellcheck disable=SC2046 # one word per module
  chroot "$root" modprobe -S "$release" --show-depends -a $(list "$recipe/modules.txt" | tr , ' ') |
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
    while read -r file; do
      cp "$root$file" "$tree/modules/"
      basename "$file" >> "$tree/modules/order"
    done
  (cd "$tree" && find . | "$root/bin/busybox" cpio -o -H newc -R 0:0 2> /dev/null) > "$archive"
}

main
