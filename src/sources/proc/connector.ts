import type { LifeObservation, Observation, ProcessObservation } from '../../model/observation.ts';
import { bootTime, type BootTime } from '../../model/time.ts';
import { libc, ERRNO, type Watch } from '../rtnetlink/libc.ts';
import { receiveMessages } from '../rtnetlink/receive.ts';
import { AF_NETLINK, growReceiveBuffer } from '../rtnetlink/socket.ts';
import { decodeEvent, listenRequest } from './process-event.ts';

const SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0x8_0000 | 0x800;
const NETLINK_CONNECTOR = 11;
const CN_IDX_PROC = 1;
const BUFFER_BYTES = 4 * 1024 * 1024;
const DATAGRAMS = 64;

export interface ConnectorOptions {
  readonly deliver: (observation: Observation) => void;
  /** What /proc tells of a process now; undefined: it is gone. */
  readonly read: (pid: number) => ProcessObservation | undefined;
  /** Events were lost: all that live are to be told again. */
  readonly reread: () => void;
}

/** Process events, as long as it is open. */
export interface Connector { close(): void }

/**
 * Listens to processes that begin, become another program and end, and reads who they are before they are gone. It takes no
 * tracing; the kernel wants CAP_NET_ADMIN (from 6.6 on nothing) in the initial pid, user and network namespaces.
 * undefined: not to be had here.
 */
export function openConnector(options: ConnectorOptions): Connector | undefined {
  const fd = libc().socket(AF_NETLINK, SOCK_DGRAM_CLOEXEC_NONBLOCK, NETLINK_CONNECTOR);
  if (fd < 0) return undefined;
  const address = new Uint8Array(12);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, CN_IDX_PROC, true);
  growReceiveBuffer(fd, BUFFER_BYTES);
  if (libc().bind(fd, address) < 0 || libc().send(fd, listenRequest()) < 0) {
    libc().close(fd);
    return undefined;
  }
  const watch = libc().watch(fd);
  let offset = 0n;
  const onReadable = (): void => {
    offset = suspendedNs(offset);
    drain(fd, options, offset);
    watch.start(onReadable);
  };
  watch.start(onReadable);
  return closing(fd, watch);
}

const closing = (fd: number, watch: Watch): Connector => ({
  close() {
    watch.close();
    libc().close(fd);
  },
});

/**
 * The kernel's stamps are of CLOCK_MONOTONIC, which stands still while the machine is suspended. It never gets less, and less
 * is found where this process was held up between two looks at the clocks.
 */
function suspendedNs(before: bigint): bigint {
  const found = libc().now() - process.hrtime.bigint();
  return found > before ? found : before;
}

function drain(fd: number, { deliver, read, reread }: ConnectorOptions, offset: bigint): void {
  for (;;) {
    const messages = receiveMessages(fd, DATAGRAMS);
    if (messages === -ERRNO.ENOBUFS) {
      deliver({ kind: 'life', source: 'host', time: libc().now(), event: 'lost', pid: 0 });
      reread();
      continue;
    }
    if (typeof messages === 'number') return;
    for (const message of messages) {
      const event = decodeEvent(message);
      if (event === undefined) continue;
      const { timeNs, ...life } = event;
      const time: BootTime = bootTime(timeNs + offset);
      // Who it is first: it may be gone in a moment. Events are told in order all the same.
      const process = life.event === 'exec' ? read(life.pid) : undefined;
      const observation: LifeObservation = { kind: 'life', source: 'host', time, ...life };
      deliver(observation);
      if (process !== undefined) deliver(process);
    }
  }
}
