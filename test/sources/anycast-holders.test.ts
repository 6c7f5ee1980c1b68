import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAnycastSockets } from '../../src/sources/bpftrace/anycast-holders.ts';

test('parseAnycastSockets reads what the walk prints, and nothing else', () => {
  // As printed on Linux 6.1 for fdcc::77.
  expect(parseAnycastSockets('holder 6812 2 ccfd 0 0 77000000\n\n')).toEqual([{ pid: 6812, ifindex: 2, address: 'fdcc0000000000000000000000000077' }]);
  expect(parseAnycastSockets('holder 1 2 b80d0120 0 0 1\nholder 1 2 b80d0120 0 0\nholder x 2 0 0 0 1\nholder 1 2 0 0 0 1 \nERROR: iter task_file\nholder 3 4 0 0 0 100000000\n')).toEqual([
    { pid: 1, ifindex: 2, address: '20010db8000000000000000001000000' },
  ]);
});

test('parseAnycastSockets takes any text', () => {
  fc.assert(fc.property(fc.string(), text => { parseAnycastSockets(text); }));
});
