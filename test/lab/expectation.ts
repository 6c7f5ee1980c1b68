// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises'
import { z } from 'zod'

/** A subset of a route-change record, or of one of another kind where it says so. */
const anyPattern = z.record(z.string(), z.unknown())

const expectedAct = z.looseObject({
  /** For people. */
  note: z.string().optional(),
  changes: z.array(anyPattern).min(1),
})

const expectedScenario = z.strictObject({
  title: z.string(),
  /** Every reported change has to be expected. */
  nothingElse: z.boolean().default(true),
  /** It needs a namespace in which nothing happened before: it is played first. */
  first: z.boolean().default(false),
  /** Changes of one act have one origin, those of different acts have different ones. */
  acts: z.array(expectedAct),
  /** What it breaks: each has to be told at least once, and no other impact may be expected. Absent: no session may be. */
  impacts: z.array(anyPattern).optional(),
  /** What other versions of the programs that act do: these acts in place of those above, or besides. Each is as whole as the first. */
  otherwise: z.array(z.union([z.strictObject({ note: z.string(), acts: z.array(expectedAct) }), z.strictObject({ note: z.string(), besides: z.array(expectedAct) })])).optional(),
})

/** What a scenario's act has to show; the format is described in fixtures/scenarios/README.md. */
export type ExpectedScenario = z.infer<typeof expectedScenario>

/** Reads an expected.json. @throws Error naming the file and the field that is wrong */
export async function readExpected(file: string): Promise<ExpectedScenario> {
  const result = expectedScenario.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`)
  return result.data
}

/** One expected change: what its record has to hold, and the act it belongs to. */
type Pattern = Readonly<Record<string, unknown>>
type Seat = { readonly act: number; readonly pattern: Pattern }

type Told = { readonly kind: string; readonly origin: string }

/** What holds unless the expectation says otherwise. */
const always = { verdict: 'caused', confidence: 'proved', rivals: { $absent: true } }
const ofRoutes = { ...always, kind: 'route-change', silent: false, replaced: { $absent: true } }

/** What was expected and met, what was told besides, and the expectations that nothing met. */
export type Seating<T extends Told> = { readonly met: readonly T[]; readonly left: readonly T[]; readonly missing: readonly Pattern[] }

export function seating<T extends Told>(expected: ExpectedScenario, all: readonly T[], fit = (pattern: Pattern): unknown => pattern): Seating<T> {
  const [best] = versionsOf(expected).map((version): Seating<T> => {
    const { seats, changes, taken } = place(version, all, fit)
    const met = new Set(taken.values())
    return { met: changes.filter((_, index) => met.has(index)), left: changes.filter((_, index) => !met.has(index)), missing: seats.flatMap(({ pattern }, index) => taken.has(index) ? [] : [pattern]) }
  }).sort((a, b) => a.left.length + a.missing.length - b.left.length - b.missing.length)
  if (best === undefined) throw new Error('nothing is expected')
  return best
}

/** What is expected, and each way in which it may be otherwise. */
export const versionsOf = ({ otherwise = [], ...first }: ExpectedScenario): ExpectedScenario[] =>
  [first, ...otherwise.map(other => ({ ...first, acts: 'acts' in other ? other.acts : [...first.acts, ...other.besides] }))]

/** The same where the kernel counts calls that probes missed: what is otherwise proved may be likely, and is no less right. */
export function nearMisses(expected: ExpectedScenario): ExpectedScenario {
  const unsure = (acts: ExpectedScenario['acts']): ExpectedScenario['acts'] => acts.map(act => ({ confidence: { $like: '^(proved|likely)$' }, ...act }))
  return {
    ...expected, acts: unsure(expected.acts),
    ...(expected.otherwise === undefined ? {} : { otherwise: expected.otherwise.map(other => 'acts' in other ? { ...other, acts: unsure(other.acts) } : { ...other, besides: unsure(other.besides) }) }),
  }
}

/** An answer that is likely, where the session names causes as blind, or leaves open who acted; then the cause is right or among its rivals. */
export function orWithoutWho(pattern: Pattern): unknown {
  const { actor: _actor, trigger: _trigger, steps: _steps, evidence: _evidence, stack: _stack, war: _war, advice: _advice, headline: _headline, references: _references, rivals: _rivals, cause, ...rest } = pattern
  const vague = { ...rest, confidence: 'likely', actor: { kind: 'unknown' } }
  return { $either: [pattern, { ...pattern, confidence: 'likely' }, { ...vague, cause }, { ...vague, rivals: { $has: { cause } } }] }
}

function place<T extends Told>(expected: ExpectedScenario, all: readonly T[], fit = (pattern: Pattern): unknown => pattern): { readonly seats: readonly Seat[]; readonly changes: readonly T[]; readonly taken: ReadonlyMap<number, number> } {
  const seats = expected.acts.flatMap(({ changes: patterns, note: _note, ...common }, act) =>
    patterns.map((own): Seat => ({ act, pattern: { ...'kind' in { ...common, ...own } ? always : ofRoutes, ...common, ...own } })))
  // Of other kinds than route changes, only those that the scenario is about have to be told by it.
  const kinds = new Set<unknown>(['route-change', ...seats.map(({ pattern }) => pattern['kind'])])
  const changes = all.filter(({ kind }) => kinds.has(kind))
  return { seats, changes, taken: assign(seats.map(({ pattern }) => fit(pattern)), changes) }
}

/** Every way in which the changes are not what was expected, of the version that comes nearest; empty when all is well. */
export function disappointments(expected: ExpectedScenario, all: readonly Told[]): string[] {
  const [fewest = []] = versionsOf(expected).map(version => disappointmentsIn(version, all)).sort((a, b) => a.length - b.length)
  return fewest
}

function disappointmentsIn(expected: ExpectedScenario, all: readonly Told[]): string[] {
  const { seats, changes, taken } = place(expected, all)
  const met = new Set(taken.values())
  const left = changes.filter((_, index) => !met.has(index))
  const problems = seats.flatMap((one, index) => taken.has(index) ? [] : [`expected, but not told: ${JSON.stringify(one.pattern)}${closest(one, left)}`])
  const extra = expected.nothingElse ? left : []
  return [...problems, ...extra.map(change => `told, but not expected: ${JSON.stringify(change)}`), ...originProblems(expected.acts.map((_, act) =>
    new Set([...taken].flatMap(([index, change]) => seats[index]?.act === act ? [changes[change]?.origin ?? ''] : []))))]
}

/** Neighbours and nexthops come and go with most acts. */
const isOfSession = ({ what }: { readonly what?: string }): boolean => what !== 'neighbour' && what !== 'nexthop'

/** What of impacts is not as expected. */
export function impactProblems({ impacts }: Pick<ExpectedScenario, 'impacts'>, all: readonly { readonly status: string; readonly what?: string }[]): string[] {
  if (impacts === undefined) return impactProblems({ impacts: [] }, all.filter(isOfSession))
  const fits = (pattern: unknown, one: unknown): boolean => mismatches(pattern, one).length === 0
  return [
    ...impacts.filter(pattern => !all.some(one => fits(pattern, one))).map(pattern => `impact expected, but not told: ${JSON.stringify(pattern)}`),
    ...all.filter(one => one.status === 'expected' && !impacts.some(pattern => fits(pattern, one))).map(one => `impact told, but not expected: ${JSON.stringify(one)}`),
  ]
}

/** All changes of an act have one origin, and no other act has it. */
export function originProblems(originsOfActs: readonly ReadonlySet<string>[]): string[] {
  return originsOfActs.flatMap((origins, act) => [
    ...origins.size > 1 ? [`act ${act} has several origins: ${[...origins].join(', ')}`] : [],
    ...originsOfActs.slice(0, act).flatMap((others, other) => ![...others].some(origin => origins.has(origin)) ? [] : [`acts ${other} and ${act} have one origin`]),
  ])
}

/** Gives each expectation a change of its own, as many as can be met (augmenting paths). */
function assign(seats: readonly unknown[], changes: readonly Told[]): Map<number, number> {
  const fits = seats.map(pattern => changes.map(change => mismatches(pattern, change).length === 0))
  const seatOf = new Map<number, number>()
  const settle = (seat: number, tried: Set<number>): boolean => changes.some((_, index) => {
    if (fits[seat]?.[index] !== true || tried.has(index)) return false
    tried.add(index)
    const holder = seatOf.get(index)
    if (holder !== undefined && !settle(holder, tried)) return false
    seatOf.set(index, seat)
    return true
  })
  seats.forEach((_, seat) => settle(seat, new Set()))
  return new Map([...seatOf].map(([index, seat]) => [seat, index]))
}

function closest({ pattern }: Seat, changes: readonly Told[]): string {
  const [best] = changes.map(change => mismatches(pattern, change)).sort((a, b) => a.length - b.length)
  return best === undefined ? '' : `; the closest differs in ${best.join(', ')}`
}

/** Paths at which a value is not what the pattern wants. Objects are subsets, lists equal in length; "$words", "$set", "$has", "$like", "$absent", "$either" as the README says. */
export function mismatches(pattern: unknown, value: unknown, path = ''): string[] {
  if (pattern === undefined) return []
  if (Array.isArray(pattern)) {
    if (!Array.isArray(value) || value.length !== pattern.length) return [`${path} = ${JSON.stringify(value)}`]
    return pattern.flatMap((item, index) => mismatches(item, value[index], `${path}[${index}]`))
  }
  if (typeof pattern !== 'object' || pattern === null) return Object.is(pattern, value) ? [] : [`${path} = ${JSON.stringify(value)}`]
  if ('$either' in pattern) {
    const [best = [`${path} = ${JSON.stringify(value)}`]] = (Array.isArray(pattern.$either) ? pattern.$either : []).map(one => mismatches(one, value, path)).sort((a, b) => a.length - b.length)
    return best
  }
  if ('$words' in pattern) return mismatches(String(pattern.$words).split(' '), value, path)
  if ('$set' in pattern) {
    const wanted: readonly unknown[] = Array.isArray(pattern.$set) ? pattern.$set : []
    return Array.isArray(value) && value.length === wanted.length ? mismatches({ $has: wanted }, value, path) : [`${path} = ${JSON.stringify(value)}`]
  }
  if ('$absent' in pattern) return value === undefined ? [] : [`${path} = ${JSON.stringify(value)}`]
  if ('$like' in pattern) return typeof value === 'string' && new RegExp(String(pattern.$like), 'u').test(value) ? [] : [`${path} = ${JSON.stringify(value)}`]
  if ('$has' in pattern) {
    const wanted = Array.isArray(pattern.$has) ? pattern.$has : [pattern.$has]
    const items: readonly unknown[] = Array.isArray(value) ? value : []
    return wanted.every(want => items.some(item => mismatches(want, item).length === 0)) ? [] : [`${path} lacks ${JSON.stringify(pattern.$has)}`]
  }
  return Object.entries(pattern).flatMap(([name, wanted]) =>
    mismatches(wanted, (value as Readonly<Record<string, unknown>> | undefined)?.[name], path === '' ? name : `${path}.${name}`))
}
