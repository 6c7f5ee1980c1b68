// SPDX-License-Identifier: MIT
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { LabError } from '../../src/lab/error.ts'

/** One group of tests of the kernel's own route selftests (tools/testing/selftests/net). */
export type Selftest = {
  readonly script: string
  /** For the script's option -t; '-': it has no groups. */
  readonly group: string
  /** What the script calls the namespace whose routes it tests; undefined: the one that it is started in. */
  readonly keptAs?: string
  /** Asks for more in a row than a tracer may be able to tell. */
  readonly floods?: true
}

const list = (script: string, keptAs: string | undefined, groups: string): Selftest[] =>
  groups.split(/\s+/).map(group => ({ script, group, ...keptAs !== undefined && { keptAs } }))

export const selftests: readonly Selftest[] = [
  ...list('fib_tests.sh', 'ns1', `unregister down carrier nexthop suppress ipv6_rt ipv4_rt ipv6_addr_metric ipv4_addr_metric ipv6_route_metrics
    ipv4_route_metrics ipv4_route_v6_gw rp_filter ipv4_del_addr ipv4_mangle ipv6_mangle ipv4_bcast_neigh`),
  ...list('fib_rule_tests.sh', 'testns', 'fib_rule6 fib_rule4'),
  ...list('fib-onlink-tests.sh', undefined, '-'),
  ...list('fib_nexthops.sh', 'me', `basic_res ipv4_fcnal ipv4_grp_fcnal ipv4_res_grp_fcnal ipv4_withv6_fcnal ipv4_fcnal_runtime ipv4_large_grp
    ipv4_large_res_grp ipv4_compat_mode ipv4_fdb_grp_fcnal ipv4_torture ipv4_res_torture ipv6_fcnal ipv6_grp_fcnal ipv6_res_grp_fcnal
    ipv6_fcnal_runtime ipv6_large_grp ipv6_large_res_grp ipv6_compat_mode ipv6_fdb_grp_fcnal ipv6_torture ipv6_res_torture`),
  // 65536 nexthop objects, added and flushed.
  { script: 'fib_nexthops.sh', group: 'basic', keptAs: 'me', floods: true },
]

/** They come with the kernel that the guest runs; not part of this project, so they are fetched. */
const sourcePackage = 'linux-source-6.1'
const scripts = [...new Set(selftests.map(({ script }) => script))]

/** Puts the scripts into `folder`, from the cache or from Debian's package. Returns the version of the package. @throws LabError */
export async function fetchSelftests(folder: string): Promise<string> {
  const cache = process.env['ROUTECAUSE_LAB_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'routecause-lab')
  const shelf = join(cache, 'selftests')
  await mkdir(shelf, { recursive: true })
  const cached = (await readdir(shelf)).find(name => name.startsWith(sourcePackage)) ?? await download(shelf)
  await cp(join(shelf, cached), folder, { recursive: true })
  return cached.replace('_', ' ')
}

async function download(shelf: string): Promise<string> {
  const work = await mkdtemp(join(shelf, '.download-'))
  try {
    const run = execa({ cwd: work })
    // As root, apt would rather read with an account that may not write here.
    await run`apt-get -q -o APT::Sandbox::User=root download ${sourcePackage}`
    const [file = ''] = await readdir(work)
    const { stdout: version } = await run`dpkg-deb --field ${file} Version`
    await mkdir(join(work, 'scripts'))
    const paths = scripts.map(script => `${sourcePackage}/tools/testing/selftests/net/${script}`)
    await run({ shell: '/bin/bash' })`set -o pipefail; dpkg-deb --fsys-tarfile ${file} | tar -xO ./usr/src/${sourcePackage}.tar.xz | tar -xJ -C scripts --strip-components 5 ${paths.join(' ')}`
    const name = `${sourcePackage}_${version}`
    await rename(join(work, 'scripts'), join(shelf, name))
    return name
  } catch (error) {
    throw new LabError(`The kernel's selftests could not be fetched; is ${sourcePackage} (Debian 12) among the packages of this host's apt? ${String(error).slice(0, 2000)}`)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What each test of a group said, in order: "Basic route add [ OK ]". */
export const verdictsOf = (printed: string): string[] =>
  [...printed.matchAll(/TEST: (.*?)\s+\[ ?(OK|FAIL) ?\]/g)].map(([, name, verdict]) => `${name} [${verdict}]`)
