import type { RuleChange } from '../model/attribution.ts';
import { RTM } from '../netlink/constants.ts';
import { passed, type Cause } from './cause.ts';
import { REFERENCES } from './references.ts';
import { ruleText } from './rule-words.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf } from './words.ts';
import { ruleRequestSign, vrfRuleSign } from './request-signs.ts';

export const ruleRequest: Cause<RuleChange> = {
  id: 'rule-request',
  title: 'a program asked for this very rule',
  summary: 'A program sent RTM_NEWRULE or RTM_DELRULE: iproute2, a VPN client, a container network, a network manager. Rules say which routing table answers: no route changes with them, but traffic may take another one.',
  probes: ['rtnetlink_rcv_msg'],
  path: ['netlink_sendmsg', 'rtnetlink_rcv_msg', 'fib_nl_newrule / fib_nl_delrule', 'notify_rule_change'],
  signature: [],
  match: facts => facts.request?.type === RTM.NEWRULE || facts.request?.type === RTM.DELRULE ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: ruleRequestSign,
  headline: ({ change }, _trigger, actor) => `${actor} ${change.change === 'add' ? 'added' : 'deleted'} rule ${ruleText(change.rule)}`,
  references: [REFERENCES.rtnetlink, REFERENCES.ipRule],
  advice: ({ change }) => change.change === 'delete' && change.rule.table === 255
    ? ['Without a rule that leads to table local this host does not accept its own addresses: see that one is left (ip rule show).'] : [],
};

export const vrfRule: Cause<RuleChange> = {
  id: 'vrf-rule',
  title: 'the first VRF of the namespace brought its rule',
  summary: 'When the first VRF device of a network namespace is made, the kernel adds one rule per family (priority 1000) that sends packets of VRF ports to the table of their VRF. Nobody asks for it by name, and it stays when the device goes.',
  probes: ['rtnl_notify', 'rtnetlink_rcv_msg'],
  path: ['rtnetlink_rcv_msg', 'rtnl_newlink', 'vrf_newlink (module vrf)', 'register_netdevice', 'vrf_fib_rule', 'fib_nl_newrule / fib_newrule', 'notify_rule_change'],
  signature: ['fib_nl_newrule', 'fib_newrule', 'fib_nl_delrule', 'fib_delrule', 'notify_rule_change'],
  match: facts => facts.request === undefined && facts.change.rule.l3mdev === true && passed(facts, 'register_netdevice', 'rtnl_newlink', '__rtnl_newlink') ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: vrfRuleSign,
  headline: ({ change }, trigger, actor) => `${becauseOf(trigger, actor)}: it is the first VRF here, so rule ${ruleText(change.rule)} came`,
  references: [REFERENCES.vrf],
  advice: () => ['Rules with a lower priority number than 1000 are asked before it: a rule to table local at priority 0 answers first for addresses of this host.'],
};
