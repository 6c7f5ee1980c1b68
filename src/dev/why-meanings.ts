/** What each field of the answer of `why --json` means, by definition of its schema; docs/json-output.md is made of it. */
export const WHY_MEANINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'why': {
    kind: 'the only object that is printed', schema: 'version of this format', version: 'version of routecause',
    query: 'what was asked: the target as it was given, the address that the kernel was asked for, and whose packet it was taken to be', netns: 'namespace',
    outcome: '`delivered-here`: it stays on this host; `refused`: a route or rule answers with an error; `no-route`: nothing leads there (exit code 1)',
    answer: 'the short answer: what happens, by which route, where that came from, what led to it',
    kernel: 'the kernel\'s own answer: the way packets take (`used`), the entry of the table behind it (`entry`), or its error; `agrees`: rules and tables as they were read lead to the same route',
    exception: 'a redirect or path MTU for this destination', route: 'the route that the answer is about: the one that is used, or that of the prefix that was asked for',
    rules: 'all rules in the order in which they are asked', losers: 'other routes that lead there', origins: 'where the route may come from, most likely first',
    details: 'what else is worth knowing', meanings: 'what its type, protocol, table, scope and flags mean', advice: 'what to do', caveats: 'what weakens the answer',
    references: 'RFCs, kernel documents and manual pages',
  },
  'statement': {
    basis: '`read`: the kernel or /proc says so now; `observed`: the recording saw it; `inferred`: it follows from the reasons, and is not proved',
    text: 'one sentence', reasons: 'of an `inferred` one', confirm: 'of an `inferred` one: what would settle it',
  },
  'rule-step': { rule: 'the rule', outcome: 'what became of it', table: 'the table that was asked', text: 'the outcome in words' },
  'loser': {
    route: 'the route', text: 'the reason in words',
    because: '`shorter-prefix`, `higher-metric`, `lower-preference`, `later-in-order`, `other-tos`, `other-source`, `other-device`, `expired`, `dead`, `linkdown`, `gateway-failed`, `same-leaf`, `throw`, `suppressed`, `not-asked` (its table was not asked), `no-rule` (no rule leads to its table)',
  },
  'origin': {
    id: '`recording`, `address`, `subnet-router-anycast`, `anycast-socket`, `device`, `router-advertisement`, `program`', standing: 'how much speaks for it', said: 'one sentence',
    for: 'what speaks for it', against: 'what speaks against it', cause: 'by which such routes come: see [causes/](causes/README.md)',
  },
  'why-exception': { event: 'what overrides the route', dst: 'the destination', gateway: 'of a redirect; absent: it is on the link', mtu: 'of a path MTU', dev: 'device', expires: 'seconds left' },
  'meaning': { topic: 'as for `routecause explain`', key: 'as for `routecause explain`', title: 'what it is', text: 'sentences' },
};
