// SPDX-License-Identifier: MIT

/** What the lab can boot (build-image.sh), the oldest kernel first. */
export const guests = ['linux-5.10', 'bookworm', 'trixie', 'unstable'] as const

export type GuestName = (typeof guests)[number]

/** Where scenarios were first written and selftests come from. */
export const usual: GuestName = 'bookworm'
export const newest: GuestName = 'unstable'

const isGuest = (text: string): text is GuestName => guests.some(name => name === text)

/** The guest that this run of the suite is for. @throws Error naming those there are */
export function guestOf(env: Readonly<Record<string, string | undefined>>): GuestName {
  const wanted = env['ROUTECAUSE_LAB_GUEST'] ?? usual
  if (!isGuest(wanted)) throw new Error(`there is no guest ${wanted}; there are ${guests.join(', ')}`)
  return wanted
}

/** One run of the suite: a guest, which scenarios, and what is vitest's business. */
export type Run = { readonly guest: GuestName; readonly scenarios: 'all' | 'smoke' | 'selftests'; readonly follow: 'one' | 'all'; readonly vitest: readonly string[] }

/**
 * The command line of run.ts: every scenario on the usual kernel; `--all` on every kernel; `--guest` on those that are named;
 * `--smoke` a few of them on the newest one. With `--all-netns`, selftests are watched by watchers of all namespaces. All else goes to vitest.
 */
export function readRuns(argv: readonly string[]): readonly Run[] {
  const named: GuestName[] = []
  const vitest: string[] = []
  let scenarios: Run['scenarios'] = 'all'
  let follow: Run['follow'] = 'one'
  let some: readonly GuestName[] | undefined
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--all') some = guests
    else if (word === '--smoke') { scenarios = 'smoke'; some = [newest] }
    else if (word === '--selftests') scenarios = 'selftests'
    else if (word === '--all-netns') follow = 'all'
    else if (word === '--guest') named.push(guestOf({ ROUTECAUSE_LAB_GUEST: argv[++at] ?? '' }))
    else vitest.push(word)
  }
  return (named.length > 0 ? named : some ?? [usual]).map(guest => ({ guest, scenarios, follow, vitest }))
}
