// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest'
import { incidentSection, partOf } from './transcript.ts'

const transcript = '== up\n$ vagrant up\nnoise\n    firewall: firewall is ready\n== took 9 s, ended with 0\n== run\n$ vagrant ssh\n1\n2\n== took 1 s, ended with 0\n== reset\n$ vagrant ssh\n'

test('a part is what was typed and what came of it', () => {
  expect(partOf(transcript, 'run')).toEqual(['$ vagrant ssh', '1', '2'])
})

test('a part that did not end, or that there is not, is empty', () => {
  expect(partOf(transcript, 'reset')).toEqual([])
  expect(partOf(transcript, 'none')).toEqual([])
})

test('the page has what matters of the start, and all of the incident', () => {
  expect(incidentSection(transcript, []).slice(0, 9)).toEqual(['', '```console', '$ vagrant up', '[...]', '    firewall: firewall is ready', '$ vagrant ssh', '1', '2', '```'])
})
