import { expect, test } from 'vitest';
import { createFormerSessions } from '../../src/sources/endpoints/former-sessions.ts';
import { questionOf, type Endpoint } from '../../src/sources/endpoints/endpoint.ts';

const endpoint = (what: 'tcp' | 'bgp-peer', neighbour: string | undefined): Endpoint => {
  const asked = questionOf('10.0.0.2', undefined, {});
  if (asked === undefined) throw new Error('no address');
  return { told: { id: `${what}/10.0.0.2`, what, remote: '10.0.0.2' }, ...asked, ...(neighbour === undefined ? {} : { neighbour }) };
};
const way = { type: 1, ifindex: 2, table: 254 };
const wrong = { ...way, gateway: '10.0.0.7' };

test('the neighbour of a session that was led astray is watched when it is reached as before, in its VRF', () => {
  const former = createFormerSessions();
  former.ended(endpoint('tcp', ' 10.0.0.2'), way);
  expect(former.mayBegin(endpoint('bgp-peer', ' 10.0.0.2'), wrong)).toBe(false);
  expect(former.mayBegin(endpoint('bgp-peer', '7 10.0.0.2'), wrong)).toBe(true);
  // By another route, but the same way.
  expect(former.mayBegin(endpoint('bgp-peer', ' 10.0.0.2'), { ...way, table: 77 })).toBe(true);
  expect(former.mayBegin(endpoint('bgp-peer', ' 10.0.0.2'), wrong)).toBe(true);
});

test('or when it has had another session', () => {
  const former = createFormerSessions();
  former.ended(endpoint('tcp', ' 10.0.0.2'), way);
  expect(former.mayBegin(endpoint('tcp', ' 10.0.0.2'), wrong)).toBe(true);
  expect(former.mayBegin(endpoint('bgp-peer', ' 10.0.0.2'), wrong)).toBe(true);
});

test('what is no BGP session leaves nothing behind', () => {
  const former = createFormerSessions();
  former.ended(endpoint('tcp', undefined), way);
  former.ended(endpoint('bgp-peer', ' 10.0.0.2'), way);
  expect([undefined, ' 10.0.0.2'].map(neighbour => former.mayBegin(endpoint('bgp-peer', neighbour), wrong))).toEqual([true, true]);
});
