import { describe, expect, test } from 'vitest';
import { ALL_CAUSES } from '../../src/causes/index.ts';
import { aboutTopic, entriesOf, isTopic, lookUp, textFor, TOPICS, type Topic } from '../../src/encyclopedia/index.ts';
import { PROTOCOLS, legFlagNames, ROUTE_TYPES, SCOPES, TABLES } from '../../src/netlink/names.ts';

const HOST = { protocols: new Map([[4, 'static'], [21, 'acme'], [196, 'static'], [12, 'robin']]), tables: new Map([[100, 'uplink'], [254, 'hauptsache']]) };
const textOf = (topic: Topic, key: string, names = {}): string => lookUp(topic, key, names)?.text.join('\n') ?? '';

/** RTM_F_* (include/uapi/linux/rtnetlink.h). */
const ROUTE_FLAGS = ['notify', 'cloned', 'equalize', 'prefix', 'lookup_table', 'fib_match', 'rt_offload', 'rt_trap', 'rt_offload_failed'];

describe('lookUp', () => {
  test.each<[Topic, string, string, string]>([
    ['proto', '11', 'protocol 11 (zebra)', 'Quagga'], ['proto', 'zebra', 'protocol 11 (zebra)', 'Quagga'], ['proto', '0x0b', 'protocol 11 (zebra)', 'Quagga'],
    ['proto', 'static', 'protocol 4 (static)', '196'], ['proto', '196', 'protocol 196 (static)', 'staticd'], ['proto', 'srte', 'protocol 198 (srte)', 'pathd'],
    ['proto', '0', 'protocol 0 (unspec)', 'none given'], ['proto', 'ra', 'protocol 9 (ra)', 'RFC 4191'],
    ['type', 'anycast', 'type anycast', 'not accepted'], ['type', '4', 'type anycast', 'not accepted'], ['type', 'throw', 'type throw', 'next rule'],
    ['table', '0', 'table 0 (unspec)', 'all tables'], ['table', 'main', 'table 254 (main)', '32766'], ['table', '255', 'table 255 (local)', 'Rule 0'],
    ['table', '253', 'table 253 (default)', 'IPv6: no rule'], ['table', '1000', 'table 1000', 'by a rule'], ['table', '4294967295', 'table 4294967295', 'by a rule'],
    ['table', 'vrf', 'the table of a VRF', 'l3mdev-table'], ['table', '252', 'table 252 (compat)', '8 bits'], ['table', '52', 'table 52', 'Tailscale'],
    ['scope', 'link', 'scope link (253)', 'without a gateway'], ['scope', 'universe', 'scope global (0)', 'anywhere'], ['scope', '100', 'scope 100', 'no meaning of its own'],
    ['flag', 'linkdown', 'flag linkdown (RTNH_F_LINKDOWN)', 'no carrier'], ['flag', '16', 'flag linkdown (RTNH_F_LINKDOWN)', 'no carrier'],
    ['flag', '0x4000', 'flag rt_offload (RTM_F_OFFLOAD)', 'hardware'], ['flag', 'cache', 'flag cloned (RTM_F_CLONED)', 'lookup'], ['flag', 'RTNH_F_DEAD', 'flag dead (RTNH_F_DEAD)', 'not used'],
    ['pref', 'high', 'preference high', 'preferred'], ['pref', '3', 'preference low', 'no other'],
    ['metric', '1024', 'metric 1024', 'default for routes'], ['metric', '77', 'metric 77', 'Nobody'], ['metric', 'mtu', 'mtu, a setting of a route', 'path MTU'],
    ['error', 'EHOSTUNREACH', 'error EHOSTUNREACH (113): No route to host', 'unreachable'], ['error', 'unreachable', 'error EHOSTUNREACH (113): No route to host', 'unreachable'],
    ['error', '13', 'error EACCES (13): Permission denied', 'prohibit'], ['error', 'network is unreachable', 'error ENETUNREACH (101): Network is unreachable', 'No route'],
    ['error', 'enodev', 'error ENODEV (19): No such device', 'network namespace'],
    ['cause', 'path-mtu', 'cause path-mtu: the path MTU became smaller', 'Path through the kernel'],
  ])('%s %s', (topic, key, title, words) => {
    expect(lookUp(topic, key)).toMatchObject({ topic, title });
    expect(textOf(topic, key)).toContain(words);
  });

  test.each<[Topic, string]>([
    ['proto', '256'], ['proto', '-1'], ['proto', ''], ['proto', 'acme'], ['proto', '1e1'], ['proto', '4.0'], ['proto', ' 4'], ['proto', 'ZEBRA'],
    ['type', '12'], ['type', 'Anycast'], ['type', '-1'], ['type', ''], ['type', 'toString'],
    ['table', '4294967296'], ['table', 'uplink'], ['table', '0x'], ['table', ''], ['table', 'constructor'],
    ['scope', '256'], ['scope', 'everywhere'], ['scope', '__proto__'],
    ['flag', '3'], ['flag', '0'], ['flag', 'down'], ['flag', 'valueOf'],
    ['pref', '4'], ['pref', 'highest'], ['pref', 'toString'],
    ['metric', '-1'], ['metric', '4294967296'], ['metric', 'mtus'], ['metric', 'constructor'],
    ['error', 'EWHATEVER'], ['error', '0'], ['error', '113x'], ['error', ''], ['error', 'constructor'],
    ['cause', 'rain'], ['cause', ''], ['cause', 'toString'],
  ])('knows nothing of %s %j', (topic, key) => {
    expect(lookUp(topic, key)).toBeUndefined();
  });
});

describe('names of a host', () => {
  test('a protocol that nobody knows has the name of the host\'s entry', () => {
    expect(lookUp('proto', '21', HOST)).toMatchObject({ key: '21', title: 'protocol 21 (acme)' });
    expect(lookUp('proto', 'acme', HOST)).toStrictEqual(lookUp('proto', '21', HOST));
    expect(textOf('proto', '21', HOST)).toContain('No program is known that marks its routes with protocol 21.\nAn rt_protos entry of this host calls it acme');
  });
  test('a protocol that nobody knows, not the host either', () => {
    expect(lookUp('proto', '22', HOST)?.title).toBe('protocol 22');
    expect(textOf('proto', '22', HOST)).toContain('No rt_protos entry of this host names it.');
  });
  test('where the host was not read nothing is said of it', () => {
    expect(textOf('proto', '21')).toContain('No program is known');
    expect(textOf('proto', '21')).not.toMatch(/this host/);
    expect(textOf('table', '100')).not.toMatch(/this host/);
  });
  test('two protocols of one name: the lower number, as iproute2 takes it', () => {
    expect(lookUp('proto', 'static', HOST)?.key).toBe('4');
  });
  test('a known protocol keeps its meaning under another name', () => {
    expect(lookUp('proto', '12', HOST)?.title).toBe('protocol 12 (robin)');
    expect(textOf('proto', 'robin', HOST)).toContain('Protocol 12 marks routes of BIRD.');
    expect(textOf('proto', '12', HOST)).toContain('calls it robin');
    expect(textOf('proto', '4', HOST)).not.toContain('calls it');
  });
  test('tables', () => {
    expect(lookUp('table', 'uplink', HOST)).toMatchObject({ key: '100', title: 'table 100 (uplink)' });
    expect(textOf('table', '101', HOST)).toContain('No rt_tables entry of this host names it');
    expect(lookUp('table', 'hauptsache', HOST)).toMatchObject({ key: '254', title: 'table 254 (hauptsache)' });
    expect(textOf('table', 'main', HOST)).toContain('An rt_tables entry of this host calls it hauptsache.');
  });
});

describe('textFor', () => {
  const anycast = lookUp('type', 'anycast');
  if (anycast === undefined) throw new Error('no anycast');
  test('leaves out the other family, and the name of this one', () => {
    expect(textFor(anycast, 'ipv4').join('\n')).toMatch(/not accepted/);
    expect(textFor(anycast, 'ipv4').join('\n')).not.toMatch(/IPv6:|subnet-router/);
    expect(textFor(anycast, 'ipv6').join('\n')).toMatch(/subnet-router/);
    expect(textFor(anycast, 'ipv6')[0]).toBe(anycast.text[0]);
    expect(textFor(anycast, 'ipv6').every(sentence => /^[A-Za-z/]/.test(sentence) && !sentence.startsWith('IPv6:'))).toBe(true);
  });
});

describe('every topic', () => {
  test('is known by its name, and nothing else is', () => {
    expect(TOPICS.every(isTopic)).toBe(true);
    expect(['protos', '', 'toString', '__proto__'].some(isTopic)).toBe(false);
    for (const topic of TOPICS) expect(aboutTopic(topic)).not.toBe('');
  });
  test('has the numbers that routecause shows', () => {
    for (const number of Object.keys(PROTOCOLS)) expect(textOf('proto', number)).not.toContain('No program is known');
    expect(entriesOf('type').map(({ key }) => key)).toStrictEqual(ROUTE_TYPES);
    for (const name of Object.values(SCOPES)) expect(lookUp('scope', name)).toBeDefined();
    for (const name of Object.values(TABLES)) expect(lookUp('table', name)).toBeDefined();
    for (const name of [...legFlagNames(0x7fff_ffff), ...ROUTE_FLAGS]) expect(lookUp('flag', name), name).toBeDefined();
    expect(entriesOf('cause')).toHaveLength(ALL_CAUSES.length);
  });
  test('an entry is found by its own key', () => {
    for (const topic of TOPICS) for (const entry of entriesOf(topic)) expect(lookUp(topic, entry.key)).toStrictEqual(entry);
  });
  test('speaks in whole sentences, of both families first', () => {
    for (const entry of TOPICS.flatMap(topic => entriesOf(topic))) {
      expect(entry.text.length, entry.title).toBeGreaterThan(0);
      expect(entry.references.length, entry.title).toBeGreaterThan(0);
      expect(entry.text[0], entry.title).not.toMatch(/^IPv[46]:/);
      expect(new Set(entry.text).size).toBe(entry.text.length);
      for (const sentence of entry.text) expect(sentence, entry.title).toMatch(/^(IPv[46]: )?\S.*[^\s.]\.$/);
      expect(textFor(entry, 'ipv4').length, entry.title).toBeGreaterThan(0);
      expect(textFor(entry, 'ipv6').length, entry.title).toBeGreaterThan(0);
    }
  });
});
