// SPDX-License-Identifier: MIT
import { execaSync } from 'execa'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const scripts = ['fixtures', 'test/lab', 'test/vagrant'].flatMap(folder => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)))
  .filter(name => name.endsWith('.sh') || name === 'fixtures/lab/incident')

test('every shell script can be read by bash', () => {
  expect(scripts.length).toBeGreaterThan(80)
  expect(execaSync('bash', ['-n', '-c', scripts.map(name => `f${scripts.indexOf(name)}() {\n${readFileSync(join(root, name), 'utf8')}\n}`).join('\n')], { reject: false }).stderr).toBe('')
})

test('every lesson names a scenario, and the README of the machines the commands of `incident`', () => {
  const lessons = readdirSync(join(root, 'docs/incidents')).filter(name => name !== 'README.md').map(name => name.replace('.md', ''))
  expect(lessons.length).toBeGreaterThanOrEqual(12)
  expect(readdirSync(join(root, 'fixtures/scenarios'))).toEqual(expect.arrayContaining(lessons))
  const usage = [...readFileSync(join(root, 'fixtures/lab/incident'), 'utf8').matchAll(/^# {3}(incident \w+)/gm)].map(([, command = '']) => command)
  expect(usage).toEqual(['incident list', 'incident run', 'incident reset', 'incident recording'])
  for (const command of usage) expect(readFileSync(join(root, 'docs/incidents/README.md'), 'utf8')).toContain(`\`${command}`)
})

test('every scenario that README.md names for an incident is there', () => {
  const rows = /## Find yours\n(.*?)\n## /s.exec(readFileSync(join(root, 'docs/incidents/README.md'), 'utf8'))?.[1]?.split('\n').filter(line => line.startsWith('| ')).slice(1) ?? []
  expect(rows.length).toBeGreaterThan(30)
  const named = rows.flatMap(row => [...(row.split('|')[3] ?? '').matchAll(/`([a-z\d-]+)`/g)].map(([, name = '']) => name).filter(name => !name.startsWith('--')))
  expect(readdirSync(join(root, 'fixtures/scenarios'))).toEqual(expect.arrayContaining(named))
})
