// SPDX-License-Identifier: MIT
import { execa } from 'execa'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { recipe } from './vm.ts'

const folder = mkdtempSync(join(tmpdir(), 'routecause-image-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

/** A folder with programs of this host, but those named. */
function programsWithout(...without: readonly string[]): string {
  const place = join(folder, 'bin')
  mkdirSync(place)
  for (const from of ['/usr/sbin', '/usr/bin']) {
    for (const name of readdirSync(from)) if (!without.includes(name) && !existsSync(join(place, name))) symlinkSync(join(from, name), join(place, name))
  }
  return place
}

test('what building an image takes is said in one sentence, with the packages, before anything is made', async () => {
  const cache = join(folder, 'cache')
  // Its own PATH additions are for those whose PATH has no sbin.
  const { exitCode, stdout, stderr } = await execa(join(recipe, 'build-image.sh'), ['bookworm'], {
    reject: false, env: { PATH: programsWithout('mmdebstrap'), ROUTECAUSE_LAB_CACHE: cache },
  })
  expect(stderr).toMatch(process.getuid?.() === 0 ? /^build-image: the image is built once, and for that is missing: mmdebstrap.* \(apt-get install mmdebstrap.*\)$/ : /^build-image: .*needs root/)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(existsSync(join(cache, 'debian-12')) ? readdirSync(join(cache, 'debian-12')) : ['.lock']).toEqual(['.lock'])
})
