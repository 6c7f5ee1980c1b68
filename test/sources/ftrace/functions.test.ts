import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseProbeFile } from '../../../src/sources/bpftrace/probe-file.ts';
import { tracedFunctions } from '../../../src/sources/ftrace/functions.ts';

const scripts = readdirSync('probes').filter(name => name.endsWith('.bt')).map(name => parseProbeFile(name.slice(0, -3), readFileSync(`probes/${name}`, 'utf8')));

test('without arguments, the functions on the way, the roots, the sentinels and the notification are traced', () => {
  const traced = new Map(tracedFunctions(scripts).map(({ fn, type }) => [fn, type]));
  expect([...traced]).toEqual(expect.arrayContaining([
    ['dev_forward_change', 'via'], ['__ipv6_dev_ac_inc', 'via'], ['fib_table_insert', 'via'], ['proc_sys_call_handler', 'call'], ['rtnl_notify', 'notify'],
    ['inet_netconf_get_devconf', 'sentinel'], ['inet6_netconf_get_devconf', 'sentinel'],
  ]));
  expect([...traced.keys()]).not.toContain('rtnetlink_rcv_msg');
  expect([...traced.keys()]).not.toContain('mod_delayed_work_on');
});
