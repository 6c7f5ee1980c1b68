// SPDX-License-Identifier: MIT
import { cp, mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** Builds the project and copies what a guest needs to a folder that no later build touches. */
export async function takeSnapshot(project: string): Promise<string> {
  await execa('node_modules/.bin/tsdown', { cwd: project })
  const folder = await mkdtemp(join(tmpdir(), 'routecause-lab-'))
  await mkdir(join(folder, 'test'))
  for (const part of ['dist', 'probes', 'package.json', 'fixtures', 'test/lab']) await cp(join(project, part), join(folder, part), { recursive: true })
  const modules = join(project, 'node_modules')
  const linked = await execa('cp', ['-al', modules, folder], { reject: false })
  if (linked.failed) await execa('cp', ['-a', modules, folder])
  return folder
}
