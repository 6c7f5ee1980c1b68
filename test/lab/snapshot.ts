// SPDX-License-Identifier: MIT
import { cp, mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { execa } from 'execa'
import { must } from './guest.ts'
import type { Guest } from './guest.ts'

const archive = 'project.tar'

/** Builds the project and packs what a guest needs of it, so that no later build touches it. Returns the folder to share. */
export async function takeSnapshot(project: string): Promise<string> {
  await execa('node_modules/.bin/tsdown', { cwd: project })
  const folder = await mkdtemp(join(tmpdir(), 'routecause-lab-'))
  await mkdir(join(folder, 'content/test'), { recursive: true })
  for (const part of ['dist', 'probes', 'package.json', 'fixtures', 'test/lab']) await cp(join(project, part), join(folder, 'content', part), { recursive: true })
  const { stdout } = await execa('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: project, reject: false })
  const modules = stdout.split('\n').map(path => relative(project, path)).filter(path => path.startsWith('node_modules/'))
  // The guest's Node is the project's own; npm counts it as one of many optional packages for other machines.
  const node = (await readdir(join(project, 'node_modules'))).filter(name => name.startsWith('node-linux-')).map(name => `node_modules/${name}`)
  await execa('tar', ['-cf', join(folder, archive), '-C', join(folder, 'content'), '.', '-C', project, 'node_modules/.bin', ...new Set([...modules, ...node])])
  return folder
}

/** Unpacks a shared snapshot onto the guest's own disk, at /project: Node reads thousands of small files, which is slow over 9p. */
export async function unpackSnapshot(guest: Guest): Promise<void> {
  await must(guest, `mkdir /srv/project && tar -xf /project/${archive} -C /srv/project && mount --bind /srv/project /project`, 120_000)
}
