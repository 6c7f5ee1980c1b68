// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest'
import { disappointments, impactProblems, mismatches, nearMisses, seating } from './expectation.ts'

const told = (origin: string, dst: string, more: object = {}) =>
  ({ kind: 'route-change', origin, verdict: 'caused', confidence: 'proved', silent: false, change: 'add', route: { dst, table: 254 }, ...more })
const wanted = (dst: string) => ({ change: 'add', route: { dst } })
const scenario = (...acts: { changes: object[] }[]) => ({ title: '', nothingElse: true, first: false, acts: acts as never })
const rule = (origin: string, more: object = {}) => ({ kind: 'rule-change', origin, verdict: 'caused', confidence: 'proved', change: 'add', ...more })

describe('disappointments', () => {
  test('is empty when each expectation is met by a change of its own', () => {
    expect(disappointments(scenario({ changes: [wanted('a'), wanted('b')] }), [told('1', 'b'), told('1', 'a')])).toEqual([])
  })

  test('lets a general expectation leave the only fitting change to a special one', () => {
    expect(disappointments(scenario({ changes: [{ change: 'add' }, wanted('a')] }), [told('1', 'a'), told('1', 'b')])).toEqual([])
  })

  test.for([
    { name: 'the acts', told: ['a'], count: 0 }, { name: 'other acts in their place', told: ['b', 'c'], count: 0 }, { name: 'acts besides', told: ['a', 'd'], count: 0 },
    { name: 'a mixture', told: ['b', 'd'], count: 2 }, { name: 'half of the others', told: ['b'], count: 1 }, { name: 'nothing', told: [], count: 1 },
  ])('with other versions allowed for, finds $count wrong with $name', ({ told: dsts, count }) => {
    const expected = { ...scenario({ changes: [wanted('a')] }), otherwise: [
      { note: '', acts: [{ changes: [wanted('b')] }, { changes: [wanted('c')] }] as never }, { note: '', besides: [{ changes: [wanted('d')] }] as never },
    ] }
    const all = dsts.map((dst, index) => told(String(index), dst))
    expect(disappointments(expected, all)).toHaveLength(count)
    expect(seating(expected, all).met).toHaveLength(dsts.length - (count > 1 ? 1 : 0))
  })

  test.for([
    { name: 'a change that is not told', changes: [told('1', 'a')], says: /^expected, but not told: .*"b"/ },
    { name: 'a change nobody expects', changes: [told('1', 'a'), told('1', 'b'), told('1', 'c')], says: /^told, but not expected: .*"c"/ },
    { name: 'one change told twice', changes: [told('1', 'a'), told('1', 'b'), told('1', 'b')], says: /^told, but not expected: .*"b"/ },
    { name: 'one act with two origins', changes: [told('1', 'a'), told('2', 'b')], says: /^act 0 has several origins: 1, 2/ },
    { name: 'a change that is not proved', changes: [told('1', 'a'), told('1', 'b', { confidence: 'likely' })], says: /^expected, but not told: .*confidence = "likely"/ },
    { name: 'a silent change told as if announced', changes: [told('1', 'a'), told('1', 'b', { silent: true })], says: /silent = true/ },
    { name: 'rivals nobody asked for', changes: [told('1', 'a'), told('1', 'b', { rivals: ['x'] })], says: /rivals = \["x"\]/ },
  ])('tells of $name', ({ changes, says }) => {
    const [first] = disappointments(scenario({ changes: [wanted('a'), wanted('b')] }), changes)
    expect(first).toMatch(says)
  })

  test.for([
    { name: 'is not there', wanted: wanted('a'), told: [told('1', 'a')], count: 0 },
    { name: 'is of a kind that no entry names', wanted: wanted('a'), told: [told('1', 'a'), rule('2')], count: 0 },
    { name: 'is of a kind that an entry names', wanted: { kind: 'rule-change', change: 'add' }, told: [rule('2')], count: 0 },
    { name: 'is one too many of a kind that an entry names', wanted: { kind: 'rule-change', change: 'add' }, told: [rule('1'), rule('2')], count: 1 },
    { name: 'is not proved', wanted: { kind: 'rule-change', change: 'add' }, told: [rule('1', { confidence: 'likely' })], count: 2 },
    { name: 'is of another kind than wanted', wanted: { kind: 'rule-change', change: 'add' }, told: [told('1', 'a')], count: 2 },
  ])('has $count to say of a line that $name', ({ wanted: pattern, told: lines, count }) => {
    expect(disappointments(scenario({ changes: [pattern] }), lines)).toHaveLength(count)
  })

  test('tells of two acts with one origin', () => {
    const problems = disappointments(scenario({ changes: [wanted('a')] }, { changes: [wanted('b')] }), [told('1', 'a'), told('1', 'b')])
    expect(problems).toEqual(['acts 0 and 1 have one origin'])
  })
})

describe('near calls that probes missed', () => {
  test.for([
    ['what is proved is right', {}, {}, 0],
    ['what is likely is right, too', {}, { confidence: 'likely' }, 0],
    ['what is guessed is not', {}, { confidence: 'guessed' }, 1],
    ['what is not known is not', {}, { verdict: 'unknown', confidence: undefined }, 1],
    ['another cause is wrong', { cause: { id: 'a' } }, { confidence: 'likely', cause: { id: 'b' } }, 1],
    ['of what has to be likely nothing is proved', { confidence: 'likely' }, {}, 1],
  ] as const)('%s', ([_what, act, more, missing]) => {
    const near = nearMisses({ ...scenario({ ...act, changes: [wanted('a')] }), otherwise: [{ note: '', acts: [{ ...act, changes: [wanted('z')] }] as never }] })
    expect(seating(near, [told('1', 'a', more)]).missing).toHaveLength(missing)
    expect(seating(near, [told('1', 'z', more)]).missing).toHaveLength(missing)
  })
})

describe('mismatches', () => {
  test.for([
    [{ $words: 'ip route add' }, ['ip', 'route', 'add'], 0],
    [{ $words: 'ip route add' }, ['ip', 'route'], 1],
    [{ $has: { id: 'a' } }, [{ id: 'b' }, { id: 'a', more: 1 }], 0],
    [{ $has: [{ id: 'a' }, { id: 'c' }] }, [{ id: 'a' }], 1],
    [{ $has: { id: 'a' } }, undefined, 1],
    [{ $set: [{ id: 'a' }, { id: 'b' }] }, [{ id: 'b' }, { id: 'a' }], 0],
    [{ $set: [{ id: 'a' }] }, [{ id: 'a' }, { id: 'b' }], 1],
    [{ $like: '^fe80::' }, 'fe80::/64', 0],
    [{ $like: '^fe80::' }, undefined, 1],
    [{ $either: [{ id: 'a' }, { id: 'b', x: 1 }] }, { id: 'b', x: 1 }, 0],
    [{ $either: [{ id: 'a' }, { id: 'b', x: 1 }] }, { id: 'b' }, 1],
    [{ $either: [] }, 1, 1],
    [{ $absent: true }, undefined, 0],
    [{ $absent: true }, 0, 1],
    [{ a: { b: 1 } }, undefined, 1],
    [[1, 2], [1, 2, 3], 1],
    ['1', 1, 1],
  ] as const)('%j on %j has %d', ([pattern, value, count]) => {
    expect(mismatches(pattern, value)).toHaveLength(count)
  })
})

describe('impactProblems', () => {
  const one = { status: 'expected', what: 'tcp', count: 2 }
  test.for([
    { name: 'what is expected', impacts: [{ what: 'tcp' }], all: [one], count: 0 }, { name: 'one that is not told', impacts: [{ what: 'udp' }, { what: 'tcp' }], all: [one], count: 1 },
    { name: 'one that nobody expects', impacts: [], all: [one], count: 1 }, { name: 'a session where none is named', impacts: undefined, all: [one], count: 1 },
    { name: 'a neighbour where none is named', impacts: undefined, all: [{ ...one, what: 'neighbour' }], count: 0 },
    { name: 'an end that goes with what was expected', impacts: [{ what: 'tcp' }], all: [one, { ...one, status: 'observed' }], count: 0 },
  ])('finds $count wrong with $name', ({ impacts, all, count }) => { expect(impactProblems(impacts === undefined ? {} : { impacts }, all)).toHaveLength(count) })
})
