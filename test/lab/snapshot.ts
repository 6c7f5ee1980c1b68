// SPDX-License-Identifier: MIT
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { packProject, unpackCommand } from '../../src/lab/project.ts'
import { must } from './guest.ts'
import type { Guest } from './guest.ts'

/** Builds the project and packs what a guest needs of it, so that no later build touches it. Returns the folder to share. */
export async function takeSnapshot(project: string): Promise<string> {
  await execa('node_modules/.bin/tsdown', { cwd: project })
  const folder = await mkdtemp(join(tmpdir(), 'routecause-lab-'))
  await packProject(project, ['dist', 'probes', 'fixtures', 'test/lab', 'node_modules/.bin'], join(folder, 'project.tar'))
  return folder
}

/** Unpacks a shared snapshot onto the guest's own disk, at /project. */
export async function unpackSnapshot(guest: Guest): Promise<void> {
  await must(guest, unpackCommand, 120_000)
}
