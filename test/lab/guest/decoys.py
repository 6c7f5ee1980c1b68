# SPDX-License-Identifier: MIT
"""Programs that have nothing to do with a scenario, at a wished rate: decoys.py commands|starts|routes RATE

commands  short-lived `ip` and `sysctl`, and a long-lived `ip -batch`; all their routes are in table 4242
starts    processes that do nothing
routes    route changes of an `ip -batch`
Runs until SIGTERM, then prints what it did and how fast.
"""
import os, signal, subprocess, sys, time

role, rate = sys.argv[1], float(sys.argv[2])
running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)
quiet = [(os.POSIX_SPAWN_OPEN, fd, '/dev/null', os.O_WRONLY, 0) for fd in (1, 2)]


def start(*argv):
    path = next(p for p in (f'{d}/{argv[0]}' for d in ('/usr/sbin', '/usr/bin')) if os.path.exists(p))
    os.waitpid(os.posix_spawn(path, argv, os.environ, file_actions=quiet), 0)
    return 1


def commands(n, batch):
    route = f'10.42.{n // 7 % 250}.0/24'
    batch.stdin.write(f'route {("add", "del")[n % 2]} blackhole 10.43.{n // 2 % 250}.0/24 table 4242\n')
    match n % 7:
        case 0: return start('ip', 'route', 'add', 'blackhole', route, 'table', '4242')
        case 1: return start('ip', '-6', 'route', 'add', 'blackhole', '2001:db8:4242::/48', 'table', '4242')
        case 2: return start('ip', '-o', 'link', 'show', 'lo')
        case 3: return start('ip', '-6', 'route', 'del', 'blackhole', '2001:db8:4242::/48', 'table', '4242')
        case 4: return start('ip', 'route', 'del', 'blackhole', route, 'table', '4242')
        case 5: return start('sysctl', '-qw', f'net.ipv6.conf.lo.hop_limit={60 + n % 5}')
        case _: return start('ip', 'route', 'get', '127.0.0.1')


def routes(n, batch):
    changes = 20
    for i in range(changes):
        batch.stdin.write(f'route {("add", "del")[n % 2]} blackhole 10.{n // 2 % 200}.{i}.0/24 table 4242\n')
    return changes


def start_batch():
    # Where networkd took the route away first, it goes on.
    return subprocess.Popen(['/usr/sbin/ip', '-force', '-batch', '-'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)


def end_batch(batch):
    batch.stdin.close()
    batch.wait()


# ip keeps some 2 KiB of each command: after half an hour of them the guest would be out of memory.
ROUNDS_OF_A_BATCH = 2000
batch = start_batch()
begin = time.monotonic()
done = n = 0
while running:
    done += {'commands': lambda: commands(n, batch), 'starts': lambda: start('busybox', 'true'), 'routes': lambda: routes(n, batch)}[role]()
    n += 1
    batch.stdin.flush()
    if n % ROUNDS_OF_A_BATCH == 0:
        end_batch(batch)
        batch = start_batch()
    ahead = done / rate - (time.monotonic() - begin)
    if ahead > 0:
        time.sleep(ahead)
end_batch(batch)
print(f'{role} {done} {done / (time.monotonic() - begin):.1f}')
