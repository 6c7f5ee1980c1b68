# SPDX-License-Identifier: MIT
"""Puts the time since boot, in ns, before each line as soon as it arrives."""
import sys, time

for line in sys.stdin:
    sys.stdout.write(f'{time.clock_gettime_ns(time.CLOCK_BOOTTIME)} {line}')
    sys.stdout.flush()
