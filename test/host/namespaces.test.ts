import { readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findNamespaces, mountedNamespaces, namespaceOf } from '../../src/host/namespaces.ts';
import { containerOf, nameOfNamespace } from '../../src/host/netns-names.ts';

const ID = 'c0ffee0123456789c0ffee0123456789c0ffee0123456789c0ffee0123456789';

describe('mountedNamespaces', () => {
  const table = [
    '22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw',
    '51 22 0:4 net:[4026532241] /run/netns/blue rw shared:2 - nsfs nsfs rw',
    '52 22 0:4 mnt:[4026532300] /run/x rw - nsfs nsfs rw',
    '53 22 0:4 net:[4026532242] /run/netns/with\\040blank\\134 rw shared:2 - nsfs nsfs rw',
    '54 22 0:5 / /srv/net:[1] rw - tmpfs tmpfs rw',
  ].join('\n');
  test('are those of networks, with their places as they are', () => {
    expect(mountedNamespaces(table)).toStrictEqual([{ inode: 4026532241, path: '/run/netns/blue' }, { inode: 4026532242, path: '/run/netns/with blank\\' }]);
  });
});

describe('findNamespaces', () => {
  test('finds our own, each namespace once', () => {
    const own = Number(/\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0]);
    const found = findNamespaces(false).map(({ inode }) => inode);
    expect(found).toContain(own);
    expect(new Set(found).size).toBe(found.length);
  });
  test('of a process that is not there: undefined', () => { expect(namespaceOf('/proc/0/ns/net')).toBeUndefined(); });
});

describe('containerOf', () => {
  test.each([
    [`/system.slice/docker-${ID}.scope`, 'docker:c0ffee012345'],
    [`/docker/${ID}`, 'docker:c0ffee012345'],
    [`/docker/${ID}/init.scope`, 'docker:c0ffee012345'],
    [`/machine.slice/libpod-${ID}.scope/container`, 'podman:c0ffee012345'],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, 'podman:c0ffee012345'],
    [`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1234_5.slice/cri-containerd-${ID}.scope`, 'containerd:c0ffee012345'],
    [`/system.slice/containerd.service/kubepods-besteffort-pod12.slice:cri-containerd:${ID}`, 'containerd:c0ffee012345'],
    [`/kubepods/burstable/pod12-34/${ID}`, 'kubepods:c0ffee012345'],
    [`/kubepods.slice/kubepods-pod12.slice/crio-${ID}.scope`, 'crio:c0ffee012345'],
    ['/lxc/web', 'lxc:web'],
    ['/lxc.payload.web/init.scope', 'lxc:web'],
    ['/lxc.payload/web', 'lxc:web'],
    ['/machine.slice/machine-my\\x2dweb.scope/payload', 'machine:my-web'],
    ['/machine.slice/systemd-nspawn@web.service/payload', 'machine:web'],
  ])('%s', (path, name) => { expect(containerOf(path)).toBe(name); });
  test.each(['/', '', '/system.slice/docker.service', '/user.slice/user-0.slice/session-3.scope', `/machine.slice/libpod-conmon-${ID}.scope`, '/docker/abc', `/system.slice/x-docker-${ID}y.scope`])('no container: %s', path => {
    expect(containerOf(path)).toBeUndefined();
  });
});

describe('nameOfNamespace', () => {
  test('takes the name of `ip netns` first', () => { expect(nameOfNamespace({ inode: 1, path: '/run/netns/blue', pid: process.pid })).toBe('blue'); });
  test('takes the place of another mount where no process is in it', () => { expect(nameOfNamespace({ inode: 1, path: '/srv/held' })).toBe('/srv/held'); });
  test('takes process and program where there is no more', () => {
    expect(nameOfNamespace({ inode: 1, path: `/proc/${process.pid}/ns/net`, pid: process.pid })).toEqual(expect.any(String));
  });
  test('has none for a process that is gone', () => { expect(nameOfNamespace({ inode: 1, path: '/proc/0/ns/net', pid: 0 })).toBeUndefined(); });
  test('is never longer than a line can bear', () => { expect(nameOfNamespace({ inode: 1, path: `/run/netns/${'x'.repeat(255)}` })).toHaveLength(64); });
});
