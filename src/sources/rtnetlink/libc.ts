import koffi from 'koffi';
import { bootTime } from '../../model/time.ts';
import type { BootTime } from '../../model/time.ts';

/** The calls that Node has no way to make itself. Nothing else in the project touches memory by address. */
export interface Libc {
  /** These return a descriptor or 0, or the negative errno. */
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array): number;
  setsockopt(fd: number, option: { readonly level: number; readonly name: number }, value: number | Uint8Array): number;
  send(fd: number, bytes: Uint8Array): number;
  recvmmsg(fd: number, headers: bigint, count: number): number;
  setns(fd: number, type: number): number;
  unshare(flags: number): number;
  close(fd: number): number;
  /** Value of an option; undefined where this kernel does not know it. */
  getsockopt(fd: number, option: { readonly level: number; readonly name: number }, sizeBytes: 4 | 8): bigint | undefined;
  /** CLOCK_BOOTTIME, the clock of `bpf_ktime_get_boot_ns()`. */
  now(): BootTime;
  /** Zeroed memory that never moves and is never freed: made once, for structs that hold addresses. */
  allocate(sizeBytes: number): { readonly address: bigint; readonly bytes: Uint8Array };
  /** Calls back, from the event loop, whenever `fd` can be read. */
  watch(fd: number): Watch;
  /** The same for files of /proc that tell by POLLPRI that they would read differently now (proc_pid_mountinfo(5)). */
  watchForChange(fd: number): Watch;
}

/** Waits for one descriptor in libuv's own poll set: no thread is blocked, so the process can end at any time. */
export interface Watch {
  start(onReadable: () => void): void;
  stop(): void;
  close(): void;
}

export const ERRNO = { EPERM: 1, ENOENT: 2, EINTR: 4, EAGAIN: 11, EINVAL: 22, EOPNOTSUPP: 95, EAFNOSUPPORT: 97, ENOBUFS: 105 } as const;

const CLOCK_BOOTTIME = 7;
const MSG_DONTWAIT = 0x40;
const EPOLL_CLOEXEC = 0x8_0000;
const EPOLL_CTL_ADD = 1;
const EPOLLPRI = 2;

let loaded: Libc | undefined;

/** Loads the C library of this process at the first call. @throws whatever koffi says where it has no build for this machine */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  const library = koffi.load(null);
  const c = {
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, void *, uint32_t)'),
    setsockopt: library.func('int setsockopt(int, int, int, void *, uint32_t)'),
    getsockopt: library.func('int getsockopt(int, int, int, void *, void *)'),
    send: library.func('intptr_t send(int, void *, size_t, int)'),
    recvmmsg: library.func('int recvmmsg(int, uintptr_t, unsigned int, int, void *)'),
    setns: library.func('int setns(int, int)'),
    unshare: library.func('int unshare(int)'),
    epollCreate: library.func('int epoll_create1(int)'),
    epollControl: library.func('int epoll_ctl(int, int, int, void *)'),
    epollWait: library.func('int epoll_wait(int, void *, int, int)'),
    close: library.func('int close(int)'),
    clockGettime: library.func('int clock_gettime(int, uintptr_t)'),
    calloc: library.func('uintptr_t calloc(size_t, size_t)'),
  };
  const result = (value: number | bigint): number => (Number(value) < 0 ? -koffi.errno() : Number(value));
  const allocate = (sizeBytes: number): { address: bigint; bytes: Uint8Array } => {
    const address = BigInt(c.calloc(1, sizeBytes));
    if (address === 0n) throw new Error(`calloc of ${sizeBytes} bytes failed`);
    return { address, bytes: new Uint8Array(koffi.view(address, sizeBytes)) };
  };
  const timespec = allocate(16);
  const [timespecAddress, timespecWords] = [timespec.address, new BigInt64Array(timespec.bytes.buffer)];

  return {
    allocate,
    socket: (domain, type, protocol) => result(c.socket(domain, type, protocol)),
    bind: (fd, address) => result(c.bind(fd, address, address.length)),
    setsockopt: (fd, { level, name }, value) => {
      const bytes = typeof value === 'number' ? new Int32Array([value]) : value;
      return result(c.setsockopt(fd, level, name, bytes, bytes.byteLength));
    },
    getsockopt: (fd, { level, name }, sizeBytes) => {
      const value = sizeBytes === 8 ? new BigUint64Array(1) : new Uint32Array(1);
      if (c.getsockopt(fd, level, name, value, new Uint32Array([sizeBytes])) < 0) return undefined;
      return BigInt(value[0] ?? 0);
    },
    send: (fd, bytes) => result(c.send(fd, bytes, bytes.length, MSG_DONTWAIT)),
    recvmmsg: (fd, headers, count) => result(c.recvmmsg(fd, headers, count, MSG_DONTWAIT, null)),
    setns: (fd, type) => result(c.setns(fd, type)),
    unshare: (flags) => result(c.unshare(flags)),
    close: (fd) => result(c.close(fd)),
    now: () => {
      c.clockGettime(CLOCK_BOOTTIME, timespecAddress);
      return bootTime((timespecWords[0] ?? 0n) * 1_000_000_000n + (timespecWords[1] ?? 0n));
    },
    watch,
    watchForChange: (fd) => {
      // libuv knows no POLLPRI for us; a poll set is a file that can be read when something in it is ready.
      const set = result(c.epollCreate(EPOLL_CLOEXEC));
      const event = new Uint32Array([EPOLLPRI, 0, 0, 0]);
      const added = set < 0 ? set : result(c.epollControl(set, EPOLL_CTL_ADD, fd, event));
      if (added < 0) throw new Error(`watching a file of /proc failed (errno ${-added})`);
      const inner = watch(set);
      return {
        start: (onReadable) => {
          inner.start(() => {
            c.epollWait(set, new Uint32Array(4), 1, 0);
            onReadable();
          });
        },
        stop: () => inner.stop(),
        close: () => {
          inner.close();
          c.close(set);
        },
      };
    },
  };
}

function watch(fd: number): Watch {
  // An exception thrown inside koffi's callback is lost: get out of it before running anything of ours.
  let onReadable = (): void => {};
  let isClosed = false;
  const handle = koffi.node.poll(fd, { readable: true }, () => {});
  handle.stop();
  return {
    start: (callback) => {
      onReadable = callback;
      handle.start({ readable: true }, () => {
        handle.stop();
        setImmediate(() => { if (!isClosed) onReadable(); });
      });
    },
    stop: () => handle.stop(),
    close: () => {
      isClosed = true;
      handle.close();
    },
  };
}
