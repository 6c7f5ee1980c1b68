// SPDX-License-Identifier: MIT
// The incident on Vagrant's two machines, from `vagrant up` to the recording: npm run test:vagrant. With INCIDENT=write docs/incidents gets what was printed.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { withSection } from '../../src/dev/sections.ts'
import { replayFile } from '../golden/replay.ts'
import { faultsOf } from './judge.ts'
import { incidentSection, partOf } from './transcript.ts'

const root = join(import.meta.dirname, '../..')
const programs: Readonly<Record<string, string>> = {
  vagrant: 'vagrant', libvirtd: 'libvirt-daemon-system', virsh: 'libvirt-clients', dnsmasq: 'dnsmasq-base', rsync: 'rsync', 'qemu-img': 'qemu-utils',
  'qemu-system-x86_64': 'qemu-system-x86', unshare: 'util-linux',
}

process.exitCode = await main()

async function main(): Promise<number> {
  const hindrance = await findHindrance()
  if (hindrance !== undefined) {
    console.info(`skipped: ${hindrance}`)
    return 0
  }
  const folder = await mkdtemp(join(tmpdir(), 'routecause-vagrant-'))
  // Whatever of the person's own settings could mean other machines stays out.
  const env = { HOME: folder, VAGRANT_HOME: join(folder, 'home/.vagrant.d'), VAGRANT_DOTFILE_PATH: join(folder, 'dot'), VAGRANT_DEFAULT_PROVIDER: 'libvirt', ROUTECAUSE_DRIVER: 'qemu' }
  try {
    for (const debian of ['12', '13']) await validate([], { ...env, ROUTECAUSE_DEBIAN: debian })
    await validate(['--ignore-provider'], env)
    console.info('vagrant validate: passed for libvirt, and without regard to the provider')
    const { stdout: image } = await execa(join(root, 'fixtures/lab/build-image.sh'), ['bookworm', 'box'], { stderr: 'inherit' })
    const { exitCode } = await execa(join(import.meta.dirname, 'in-namespace.sh'), [join(folder, 'virt'), join(import.meta.dirname, 'session.sh'), folder], {
      cwd: root, env: { ...env, ROUTECAUSE_BOX: join(image, 'routecause.box') }, stdio: 'inherit', reject: false,
    })
    return await judge(folder, exitCode)
  } finally {
    if (process.env['ROUTECAUSE_KEEP'] === undefined) await rm(folder, { recursive: true, force: true })
    else console.info(`kept: ${folder}`)
  }
}

async function judge(folder: string, exitCode: number | undefined): Promise<number> {
  const transcript = existsSync(join(folder, 'transcript.txt')) ? await readFile(join(folder, 'transcript.txt'), 'utf8') : ''
  console.info(transcript)
  if (exitCode !== 0) {
    console.info(existsSync(join(folder, 'output.txt')) ? await readFile(join(folder, 'output.txt'), 'utf8') : '')
    console.error(`failed: the session ended with ${exitCode ?? 'a signal'}`)
    return 1
  }
  const { records, end } = await replayFile(join(folder, 'incident.rcr'))
  // The last column but one or two is the number of prefixes received; the name of a state stands there while the session is not up.
  const states = (part: string): number => partOf(transcript, part).filter(line => /^fdc0:.* \d\d:\d\d:\d\d +\d+ +\d+(?: |$)/.test(line)).length
  const faults = [
    ...faultsOf(records), ...end === 'complete' ? [] : [`the recording ends ${end}`],
    ...states('before') === 2 ? [] : ['before: not both sessions are established'],
    ...states('after') === 0 ? [] : ['after: a session is still established'],
    ...states('reset') === 2 ? [] : ['reset: not both sessions are back'],
  ]
  for (const fault of faults) console.error(`failed: ${fault}`)
  if (faults.length === 0 && process.env['INCIDENT'] === 'write') {
    const page = join(root, 'docs/incidents/README.md')
    await writeFile(page, withSection(await readFile(page, 'utf8'), 'vagrant', incidentSection(transcript, records), 'npm run test:vagrant'))
  }
  if (faults.length === 0) console.info('passed')
  return faults.length === 0 ? 0 : 1
}

/** Why it cannot be done here, if so. */
async function findHindrance(): Promise<string | undefined> {
  const found = await Promise.all(Object.keys(programs).map(async program => (await execa('sh', ['-c', `command -v ${program}`], { reject: false, env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } })).exitCode === 0))
  const missing = Object.entries(programs).filter((_, at) => found[at] !== true)
  if (missing.length > 0) return `${missing.map(([program]) => program).join(', ')} missing here: apt-get install ${[...new Set(missing.map(([, name]) => name))].join(' ')} vagrant-libvirt`
  if (process.getuid?.() !== 0) return 'a libvirt of its own needs root'
  const { stdout } = await execa('vagrant', ['plugin', 'list'], { reject: false })
  return stdout.includes('vagrant-libvirt') ? undefined : 'Vagrant has no plugin for libvirt here: apt-get install vagrant-libvirt'
}

async function validate(options: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  await execa('vagrant', ['validate', ...options], { cwd: root, env })
}
