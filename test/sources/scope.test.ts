import { expect, test } from 'vitest';
import { createNamespaceWatch, type Told } from '../../src/sources/endpoints/namespace.ts';

test('what is watched is told once, and again when daemons answer only after that', async () => {
  const told: Told[] = [];
  const watch = createNamespaceWatch({ enter: act => act(), tell: one => { told.push(one); }, readProcess: () => undefined, hearsCloses: false });
  const scopes = async (): Promise<number> => {
    await watch.refresh(false);
    return told.filter(({ kind }) => kind === 'scope').length;
  };
  const peer = { what: 'bfd-peer', remote: '192.0.2.1', state: 'up', daemon: { name: 'bfdd', pid: process.pid, control: { without: 'it is no daemon' } } } as const;
  expect([await scopes(), await scopes()]).toEqual([1, 1]);
  watch.setPeers({ peers: [peer], unchecked: [] });
  expect([await scopes(), await scopes()]).toEqual([2, 2]);
  expect(told.at(-1)?.kind).toBe('scope');
  watch.setPeers({ peers: [peer, { ...peer, remote: '192.0.2.2' }], unchecked: [] });
  expect(await scopes()).toBe(2);
});
