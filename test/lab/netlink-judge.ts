// SPDX-License-Identifier: MIT
import type { ChangeOutput } from '../../src/model/output.ts'
import { mismatches, originProblems, versionsOf } from './expectation.ts'
import type { ExpectedScenario } from './expectation.ts'

/** How one change was told by a watcher that sees messages only. `absent` of the actor is no fault: wrong is. */
export type Told = {
  /** `cause-only`: nothing is said of the trigger. */
  readonly kind: 'right' | 'cause-only' | 'rivals' | 'unknown' | 'wrong-cause' | 'wrong-trigger' | 'untold'
  readonly actor: 'right' | 'absent' | 'wrong'
  /** For people. */
  readonly what: string
}

/** What expected.json says of a change besides how sure one may be: that is for those who trace. */
type Wanted = Readonly<Record<string, unknown>>

const ofEffect = ['kind', 'change', 'silent', 'position', 'route', 'replaced', 'flags', 'rule', 'event', 'dst'] as const
const text = (value: unknown): string => JSON.stringify(value)

type Judgement = { readonly told: readonly Told[]; readonly besides: readonly ChangeOutput[]; readonly origins: readonly string[] }

/** Judges each expected change, and names those that were told besides; by what these versions of the programs do, which is what comes nearest. */
export function judgeByMessages(expected: ExpectedScenario, all: readonly ChangeOutput[]): Judgement {
  const far = ({ told, besides }: Judgement): number => besides.length + told.filter(({ kind }) => kind === 'untold').length
  const [first, ...others] = versionsOf(expected).map(version => judgeVersion(version, all))
  if (first === undefined) throw new Error('nothing is expected')
  return others.reduce((best, one) => far(one) < far(best) ? one : best, first)
}

function judgeVersion(expected: ExpectedScenario, all: readonly ChangeOutput[]): Judgement {
  const seats = expected.acts.flatMap(({ changes, note: _note, ...common }, act) => changes.map(own => ({ act, wanted: { ...common, ...own } as Wanted }))).filter(one => isTellable(one.wanted))
  const wanted = seats.map(one => one.wanted)
  const kinds = new Set<unknown>(wanted.map(({ kind }) => kind ?? 'route-change').concat('route-change'))
  const told = all.filter(({ kind }) => kinds.has(kind))
  const fits = wanted.map(one => told.map(change => mismatches(effectOf(one), change).length === 0))
  const verdicts = wanted.map((one, seat) => told.map((change, index) => fits[seat]?.[index] === true ? verdictOn(one, change) : undefined))
  const taken = assign(verdicts)
  return {
    told: wanted.map((one, seat) => verdicts[seat]?.[taken.get(seat) ?? -1] ?? { kind: 'untold', actor: 'absent', what: text(effectOf(one)) }),
    origins: originProblems(expected.acts.map((_act, act) => new Set(seats.flatMap((one, seat) => one.act === act && verdicts[seat]?.[taken.get(seat) ?? -1]?.kind === 'right' && !isOfLifetime(told[taken.get(seat) ?? -1]) ? told[taken.get(seat) ?? -1]?.origin ?? [] : [])))),
    besides: expected.nothingElse ? told.filter((_, index) => ![...taken.values()].includes(index)) : [],
  }
}

/** Whoever set a lifetime is known only where a request was seen, and which messages are of one advertisement is not told. */
const isOfLifetime = (change: ChangeOutput | undefined): boolean => ['route-lifetime', 'address-lifetime', 'router-advertisement'].includes(change?.trigger.kind ?? '')

/** Refusals leave no message, nor do exceptions, but redirects are heard. */
const isTellable = ({ kind, event }: Wanted): boolean => kind !== 'attempt' && (kind !== 'exception' || event === 'redirect')

function effectOf(wanted: Wanted): Wanted {
  const effect = Object.fromEntries(ofEffect.flatMap(name => name in wanted ? [[name, wanted[name]]] : []))
  return { kind: 'route-change', ...wanted['kind'] === undefined ? { silent: false, replaced: { $absent: true } } : {}, ...effect }
}

function verdictOn(wanted: Wanted, change: ChangeOutput): Told {
  const actor = actorOf(wanted, change)
  const what = `${text(effectOf(wanted))}: told ${change.cause.id} ${text(change.trigger)} ${text(change.actor)}${change.rivals === undefined ? '' : ` or ${change.rivals.map(rival => rival.cause.id).join(', ')}`}, is ${text(wanted['cause'])} ${text(wanted['trigger'])} ${text(wanted['actor'])}`
  if (change.verdict !== 'caused') return { kind: 'unknown', actor, what }
  const isCause = (id: string): boolean => mismatches(wanted['cause'], { id }).length === 0
  if (change.rivals !== undefined) return { kind: [change.cause.id, ...change.rivals.map(rival => rival.cause.id)].some(isCause) ? 'rivals' : 'wrong-cause', actor, what }
  if (!isCause(change.cause.id)) return { kind: 'wrong-cause', actor, what }
  if (change.trigger.kind === 'unknown' && isKnown(wanted['trigger'])) return { kind: 'cause-only', actor, what }
  return { kind: isTrigger(wanted['trigger'], change) ? 'right' : 'wrong-trigger', actor, what }
}

const isKnown = (trigger: unknown): boolean => (trigger as { readonly kind?: unknown } | undefined)?.kind !== 'unknown'

/** Everything that is told of the trigger is so; a request is named by its effect, and the flags that it left in its message are among its own. */
function isTrigger(wanted: unknown, { trigger: told, ...change }: ChangeOutput): boolean {
  const known = wanted as Readonly<Record<string, unknown>> | undefined
  if (known === undefined) return true
  return Object.entries(known).every(([name, value]) => {
    const own = (told as Readonly<Record<string, unknown>>)[name]
    if (own === undefined) return name !== 'kind'
    if (name === 'request' && 'change' in change && own === change.change) return true
    if (name === 'flags' && Array.isArray(own) && Array.isArray(value)) return own.every(flag => value.includes(flag))
    // An ioctl names an address without its length.
    const isBare = name === 'address' && typeof value === 'string' && !value.includes('/') && typeof own === 'string'
    return mismatches(value, isBare ? own.split('/')[0] : own).length === 0
  })
}

/** While iproute2 reads a prefix, its own argument ends at the slash; sysctl of procps cuts its own at the sign. */
function isCut(wanted: unknown, argv: readonly string[]): boolean {
  return ['/', '='].some(sign => argv.some((_, index) => mismatches(wanted, [...argv.slice(0, index), argv.slice(index, index + 2).join(sign), ...argv.slice(index + 2)]).length === 0))
}

function actorOf(wanted: Wanted, change: ChangeOutput): Told['actor'] {
  const actor: Readonly<Record<string, unknown>> & Pick<ChangeOutput['actor'], 'kind' | 'argv' | 'argvTruncated'> = { ...change.actor }
  const known = wanted['actor'] as Readonly<Record<string, unknown>> | undefined
  if (actor.kind === 'unknown') return 'absent'
  if (known === undefined) return 'right'
  const kind = known['kind'] ?? ('address' in known ? 'router' : 'process')
  if (kind !== actor.kind) return 'wrong'
  const isRead = (name: string): boolean => name !== 'argv' || (actor.argv !== undefined && actor.argv.length > 0 && actor.argvTruncated !== true)
  // Whoever began as root may have given that up since, and parents that had ended by then are not known.
  const told = Object.keys(known).filter(name => name in actor && isRead(name) && name !== 'uid' && name !== 'ancestry')
  if (told.some(name => mismatches(known[name], actor[name]).length > 0 && !(name === 'argv' && isCut(known[name], actor.argv ?? [])))) return 'wrong'
  return actor.kind === 'process' && !told.includes('argv') && !told.includes('comm') ? 'absent' : 'right'
}

/** Each expectation gets a change of its own: what is right first, then whatever has the effect. Who has a better one keeps it. */
function assign(verdicts: readonly (readonly (Told | undefined)[])[]): Map<number, number> {
  const seated = new Map<number, number>()
  for (const isGood of [(told: Told) => told.kind === 'right' && told.actor !== 'wrong', (told: Told) => told.actor !== 'wrong' && ['rivals', 'cause-only'].includes(told.kind), () => true]) {
    const holders = new Map<number, number>()
    const settle = (seat: number, tried: Set<number>): boolean => {
      const fitting = (verdicts[seat] ?? []).flatMap((told, index) => told !== undefined && isGood(told) && ![...seated.values()].includes(index) ? [index] : [])
      // Whoever came first keeps what came first, unless there is no other way.
      return fitting.toSorted((one, other) => Number(holders.has(one)) - Number(holders.has(other))).some((index) => {
        if (tried.has(index)) return false
        tried.add(index)
        const holder = holders.get(index)
        if (holder !== undefined && !settle(holder, tried)) return false
        holders.set(index, seat)
        return true
      })
    }
    verdicts.forEach((_, seat) => { if (!seated.has(seat)) settle(seat, new Set()) })
    for (const [index, seat] of holders) seated.set(seat, index)
  }
  return seated
}
