// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anycast } from '../report/records.ts'
import type { ChangeOutput } from '../../src/model/output.ts'
import { withSection } from '../../src/dev/sections.ts'
import { accuracyTable, judge, judgeDecoys, nothing, sectionOf, sum } from './accuracy.ts'
import { guests } from './guests.ts'

const root = join(import.meta.dirname, '../..')
const told = (dst: string, more: Partial<Extract<ChangeOutput, { kind: 'route-change' | 'route-present' }>> = {}): ChangeOutput => ({ ...anycast, route: { ...anycast.route, dst }, ...more })
const expected = (changes: object[], more: object = {}) => ({ title: '', nothingElse: true, first: false, acts: [{ changes }] as never, ...more })
const wants = (dst: string, more: object = {}): object => ({ change: 'add', route: { dst }, ...more })

describe('judge', () => {
  test.for([
    { what: 'right and proved', changes: [told('a')], is: { proved: 1 } },
    { what: 'right and likely, where that is expected', changes: [told('a', { confidence: 'likely' })], wanted: wants('a', { confidence: 'likely' }), is: { likely: 1 } },
    { what: 'likely where it can be proved', changes: [told('a', { confidence: 'likely' })], is: { wrong: 1 } },
    { what: 'another cause', changes: [told('a')], wanted: wants('a', { cause: { id: 'link-down' } }), is: { wrong: 1 } },
    { what: 'honestly unknown', changes: [told('a', { verdict: 'unknown' })], is: { unknown: 1 } },
    { what: 'not told', changes: [], is: { untold: 1 } },
    { what: 'told though nobody expects it', changes: [told('a'), told('b')], is: { proved: 1, wrong: 1 } },
  ])('counts what is $what', ({ changes, wanted = wants('a'), is }) => {
    expect(judge(expected([wanted]), changes)).toEqual({ ...nothing, ...is })
  })

  const nobody = { kind: 'unknown' } as const
  const cause = { id: 'link-down', title: '' }
  test.for([
    { what: 'right and proved', changes: [told('a', { cause })], is: { proved: 1 } },
    { what: 'likely where it might be proved', changes: [told('a', { cause, confidence: 'likely' })], is: { likely: 1 } },
    { what: 'likely, and nobody is named', changes: [told('a', { cause, confidence: 'likely', actor: nobody })], is: { likely: 1 } },
    { what: 'the right cause among rivals', changes: [told('a', { cause: { id: 'x', title: '' }, confidence: 'likely', actor: nobody, rivals: [{ cause, tellApart: '' }] })], is: { likely: 1 } },
    { what: 'honestly unknown', changes: [told('a', { verdict: 'unknown' })], is: { unknown: 1 } },
    { what: 'proved, and nobody is named', changes: [told('a', { cause, actor: nobody })], is: { wrong: 1 } },
    { what: 'likely, and somebody else is named', changes: [told('a', { cause, confidence: 'likely', actor: { kind: 'process', pid: 1, comm: 'another' } })], is: { wrong: 1 } },
    { what: 'another cause, and nobody is named', changes: [told('a', { cause: { id: 'x', title: '' }, confidence: 'likely', actor: nobody })], is: { wrong: 1 } },
    { what: 'another change, and nobody is named', changes: [told('a', { cause, confidence: 'likely', actor: nobody, change: 'delete' })], is: { wrong: 1 } },
    { what: 'not told', changes: [], is: { untold: 1 } },
  ])('where a session is blind, counts what is $what', ({ changes, is }) => {
    expect(judge(expected([wants('a', { cause: { id: 'link-down' }, actor: anycast.actor })]), changes, ['link-up'])).toEqual({ ...nothing, ...is })
  })

  test.for([
    { what: 'is blind', blind: ['path-mtu'], untold: 0 }, { what: 'is blind for others', blind: ['icmp-redirect'], untold: 1 }, { what: 'is not blind', blind: [], untold: 1 },
  ])('an exception that is not told counts as $untold where the session $what', ({ blind, untold }) => {
    expect(judge(expected([{ kind: 'exception', cause: { id: 'path-mtu' } }]), [], blind)).toEqual({ ...nothing, untold })
  })

  test('a change of a blind cause has to be told', () => {
    expect(judge(expected([wants('a', { cause: { id: 'link-up' } })]), [], ['link-up'])).toEqual({ ...nothing, untold: 1 })
  })

  test('leaves other changes alone where the scenario does', () => {
    expect(judge(expected([wants('a')], { nothingElse: false }), [told('a'), told('b')])).toEqual({ ...nothing, proved: 1 })
  })
})

test('decoys are right, unknown or wrong', () => {
  const changes = [told('right'), told('right', { confidence: 'likely' }), told('wrong'), told('unknown', { verdict: 'unknown' })]
  expect(judgeDecoys(changes, change => 'route' in change && change.route?.dst === 'right')).toEqual({ ...nothing, proved: 1, likely: 1, wrong: 1, unknown: 1 })
})

test('a table adds up', () => {
  const accuracy = { proved: 2, likely: 1, unknown: 0, wrong: 0, untold: 0 }
  const page = accuracyTable('scenario', 'a kernel', [{ name: 'one', what: 'w', accuracy, faults: 0 }, { name: 'two', what: 'w', accuracy, faults: 2 }]).join('\n')
  expect(page).toContain('| `one` | w | 2 | 1 | 0 | 0 | 0 | holds |')
  expect(page).toContain('| **all** |  | 4 | 2 | 0 | 0 | 0 | 2 faults |')
  expect(sum(accuracy, nothing)).toEqual(accuracy)
})

describe('docs/accuracy.md', () => {
  test('has a place for every guest', () => {
    const text = readFileSync(join(root, 'docs/accuracy.md'), 'utf8')
    for (const guest of guests) expect(withSection(text, sectionOf('scenarios', guest), ['| a table |'], 'the lab suite')).toContain('| a table |')
  })

  test('names every scenario, as bpftrace told it', () => {
    const text = readFileSync(join(root, 'docs/accuracy.md'), 'utf8')
    const [, table = ''] = text.split('`--tier bpftrace`.')
    const rows = table.slice(0, table.indexOf('**all**')).split('\n').flatMap(line => /^\| `([^`]+)`/.exec(line)?.[1] ?? [])
    expect(rows).toEqual(readdirSync(join(root, 'fixtures/scenarios'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name).sort())
  })

  test('names scenarios that there are, and nothing wrong or untold', () => {
    const text = readFileSync(join(root, 'docs/accuracy.md'), 'utf8')
    const rows = text.slice(0, text.indexOf('<!-- selftests:')).split('\n').filter(line => line.startsWith('| `')).map(line => line.split('|').map(cell => cell.trim()))
    const scenarios = readdirSync(join(root, 'fixtures/scenarios'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => `\`${entry.name}\``)
    expect(rows.map(([, name]) => name).filter(name => name === undefined || !scenarios.includes(name))).toEqual([])
    expect(rows.filter(cells => cells[6] !== '0' || cells[7] !== '0').map(([, name, , , , , wrong, untold]) => [name, wrong, untold])).toEqual([])
  })
})
