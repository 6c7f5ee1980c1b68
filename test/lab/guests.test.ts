// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest'
import { guestOf, guests, readRuns } from './guests.ts'

test.for<[string, string, readonly string[]]>([
  ['', 'all', ['bookworm']],
  ['--guest trixie', 'all', ['trixie']],
  ['--all', 'all', guests],
  ['--all --guest trixie --guest unstable', 'all', ['trixie', 'unstable']],
  ['--smoke', 'smoke', ['unstable']],
  ['--smoke --guest linux-5.10', 'smoke', ['linux-5.10']],
  ['--selftests', 'selftests', ['bookworm']],
])('`%s` plays %s on %j', ([words, scenarios, on]) => {
  expect(readRuns(words.split(' ').filter(word => word !== ''))).toEqual(on.map(guest => ({ guest, scenarios, follow: 'one', vitest: [] })))
})

test('what is not the matrix\'s business goes to vitest', () => {
  expect(readRuns(['-t', 'bird', '--smoke', '--reporter=json'])).toEqual([{ guest: 'unstable', scenarios: 'smoke', follow: 'one', vitest: ['-t', 'bird', '--reporter=json'] }])
})

test('selftests can be watched from all namespaces', () => {
  expect(readRuns(['--selftests', '--all-netns'])).toEqual([{ guest: 'bookworm', scenarios: 'selftests', follow: 'all', vitest: [] }])
})

test('a guest that there is not is refused', () => {
  expect(() => readRuns(['--guest', 'slackware'])).toThrow('there is no guest slackware; there are linux-5.10, bookworm, trixie, unstable')
  expect(() => readRuns(['--guest'])).toThrow('there is no guest')
  expect(guestOf({})).toBe('bookworm')
})
