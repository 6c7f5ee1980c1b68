import type { RecordingHeader } from '../../src/recording/format.ts';

/** A session header with every key. */
export const HEADER: RecordingHeader = {
  session: {
    kind: 'session', schema: 1, version: '0.1.0', tier: 'bpftrace', tierReason: 'bpftrace 0.17 is installed',
    host: { hostname: 'fw1', kernel: '6.1.0-18-amd64', machine: 'x86_64', cpus: 2, bpftrace: '0.17.0' },
    coverage: { armed: ['rtnl_notify'], replaced: [{ probe: 'a', by: 'b' }], blind: [{ cause: 'c', missing: ['d'] }] },
    clockOffsetNs: '1700000000000000000', netns: { inode: 4026531840, name: 'main' },
  },
};
