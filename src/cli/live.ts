import { ALL_CAUSES, HEARD_CAUSES, WITHOUT_FINGERPRINT } from '../causes/index.ts';
import { coverageOf, refusalNotice, wantedBy, type Coverage } from '../host/coverage.ts';
import { inspectHost } from '../host/inspect.ts';
import { readRouteNames } from '../host/names.ts';
import { readProcess, readProcesses } from '../host/processes.ts';
import { chooseTier, tiersOf, type TierCheck } from '../host/tiers.ts';
import type { HostFacts } from '../model/host.ts';
import type { Observation, ProbeObservation } from '../model/observation.ts';
import type { SessionOutput, Tier } from '../model/output.ts';
import { isWanted, type ProbeFile } from '../sources/bpftrace/probe-file.ts';
import { libc } from '../sources/rtnetlink/libc.ts';
import { createCookieCheck } from './cookie-check.ts';
import { ownNamespace, type NetnsChoice } from './netns.ts';
import { readProbes, readVersion } from './places.ts';
import { isFunctionTracerOnly } from '../host/diagnosis.ts';
import { ftraceDemands, functionCoverage } from './ftrace.ts';
import { withoutUs } from './own-doings.ts';
import { openRouting } from './routing.ts';
import { listening } from './listening.ts';
import { openTracer } from './tracer.ts';
import { createEndpointWatch } from '../sources/endpoints/watch.ts';
import { createWitness } from './witness.ts';

/** Bytes of arguments that the exec probe prints; more is asked of /proc. */
const PROBED_ARGUMENT_BYTES = 576;

export interface HostCheck { readonly facts: HostFacts; readonly coverage: Coverage; readonly tiers: readonly TierCheck[]; readonly files: readonly ProbeFile[] }

/** What this host offers, what that covers, and what stands in the way. */
export async function checkHost(): Promise<HostCheck> {
  const files = readProbes();
  const facts = await inspectHost(wantedBy([...files, ...ftraceDemands(files)]));
  return { files, facts, coverage: coverageOf(facts, files, ALL_CAUSES), tiers: tiersOf(facts) };
}

export interface LiveOptions {
  readonly tier: Tier | 'auto'; readonly follow: NetnsChoice; readonly attachTimeoutMs: number;
  /** Also see the requests that the kernel refuses. */
  readonly attempts: boolean;
  /** Listen to router advertisements and redirects where nothing is traced. */
  readonly icmp: boolean;
  /** Watch what depends on routes. */
  readonly impact: boolean;
}

/** A running live session: its sources deliver until stop(). */
export interface Live {
  readonly session: SessionOutput;
  /** What a person has to know of this session from the start. */
  readonly notice?: string;
  start(deliver: (observation: Observation) => void): Promise<void>;
  /** All that happened so far has been delivered. */
  stop(): Promise<void>;
  /** Nothing of ours is left in the kernel; wait for it last. */
  gone(): Promise<void>;
}

/** Prepares tracing and the rtnetlink socket; nothing is told before start(). @throws RoutecauseError where the tier does not work here */
export async function prepareLive(check: HostCheck, options: LiveOptions): Promise<Live> {
  const { tier, reason } = chooseTier(check.tiers, options.tier);
  const { facts } = check;
  const ofFtrace = coverageOf(facts, ftraceDemands(check.files), ALL_CAUSES);
  const offered = tier !== 'ftrace' ? check.coverage : isFunctionTracerOnly(facts) ? functionCoverage(ofFtrace) : ofFtrace;
  const given = options.attempts ? ['--attempts'] : [];
  const files = tier === 'netlink' ? [] : check.files.filter(file => offered.armed.includes(file.name) && isWanted(file, given));
  const now = (): ReturnType<ReturnType<typeof libc>['now']> => libc().now();
  const { source: rtnetlink, netnsInode, netns, onTraced } = openRouting(options.follow, places => { witness?.found(places); });
  const icmp = tier === 'netlink' ? listening(options.icmp, options.follow) : undefined;
  const witness = icmp === undefined ? undefined : createWitness({ now, source: rtnetlink, inPidNamespace: facts.pidNamespace === true, icmp: icmp.isOn, ...ownNamespace() });
  const cookies = createCookieCheck({ own: rtnetlink.probeNetns, netnsInode, tracer: tier, say: text => { process.stderr.write(`${text}\n`); } });
  const { tracer, coverage = offered } = await openTracer(tier, facts, {
    files, netnsInode, cookies: rtnetlink.hasCookies, now, provoke: seq => { rtnetlink.probeRequest(seq); }, readyTimeoutMs: options.attachTimeoutMs,
    ...(rtnetlink.hasCookies ? { check: (record: ProbeObservation) => cookies.check(record) } : {}),
    scripts: check.files, readProcess: pid => readProcess(pid, now()),
  });
  const armed = tier === 'netlink' ? [] : coverage.armed.filter(name => check.files.some(file => file.name === name && isWanted(file, given)));
  const hearsCloses = armed.includes('tcp_set_state') && !(tier === 'ftrace' && isFunctionTracerOnly(facts));
  const endpoints = options.impact ? createEndpointWatch({ now, source: rtnetlink, readProcess: pid => readProcess(pid, now()), hearsCloses }) : undefined;
  const clockOffsetNs = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n - now();
  const session: SessionOutput = {
    kind: 'session', schema: 1, version: readVersion(),
    host: { hostname: facts.hostname, kernel: facts.kernel, machine: facts.machine, cpus: facts.cpus, ...(facts.bpftrace === undefined ? {} : { bpftrace: facts.bpftrace.version }) },
    tier, tierReason: icmp === undefined ? reason : `${reason}; ${icmp.words}`,
    coverage: tier === 'netlink' ? { armed, replaced: [], blind: WITHOUT_FINGERPRINT.filter(cause => icmp?.isOn !== true || !HEARD_CAUSES.includes(cause)).map(cause => ({ cause, missing: ['tracing'] })) } : { armed, replaced: coverage.replaced, blind: coverage.blind },
    clockOffsetNs: String(clockOffsetNs),
    ...(netns === undefined ? {} : { netns }),
  };

  async function start(deliver: (observation: Observation) => void): Promise<void> {
    const cgroups = new Set<bigint>();
    for (const name of readRouteNames()) deliver({ kind: 'name', source: 'host', time: now(), ...name });
    const fromTracer = (traced: Observation): void => {
      const observation = cookies.mend(withoutUs(traced, process.pid));
      // What it tells is told, and recorded, of the sessions that are watched.
      if (observation.kind === 'probe' && observation.type === 'close') { endpoints?.heard(observation); return; }
      deliver(observation);
      onTraced(observation);
      endpoints?.heard(observation);
      if (observation.kind === 'lost') rtnetlink.resync();
      if (observation.kind === 'probe' && observation.type === 'exec') learnMore(observation, cgroups, deliver);
    };
    witness?.start(deliver);
    const fromSocket = (observation: Observation): void => {
      cookies.heard(observation);
      deliver(observation);
      witness?.heard(observation);
      endpoints?.heard(observation);
    };
    try {
      await Promise.all([tracer.start(fromTracer), rtnetlink.start(fromSocket)]);
    } catch (error) {
      await stop();
      await tracer.ended;
      throw error;
    }
    for (const process of readProcesses(now())) deliver(process);
    await endpoints?.start(deliver);
    deliver({ kind: 'ready', source: 'host', time: now() });
  }

  /** What /proc knows beyond the record, as long as the process lives. */
  function learnMore(record: Extract<Observation, { kind: 'probe' }>, cgroups: Set<bigint>, deliver: (observation: Observation) => void): void {
    const { arglen = 0, cgroup } = record.fields;
    const isNewCgroup = cgroup !== undefined && !cgroups.has(cgroup);
    if (arglen <= PROBED_ARGUMENT_BYTES && !isNewCgroup) return;
    const process = readProcess(record.pid, now());
    if (process === undefined || process.startTicks !== (record.fields.start ?? 0n) / 10_000_000n) return;
    if (arglen > PROBED_ARGUMENT_BYTES) deliver(process);
    if (isNewCgroup && process.unit !== undefined) {
      cgroups.add(cgroup);
      deliver({ kind: 'name', source: 'host', time: now(), of: 'cgroup', id: String(cgroup), name: process.unit });
    }
  }

  async function stop(): Promise<void> {
    // In this order: a message that comes last still finds what the tracer has to say of it.
    await endpoints?.stop();
    await witness?.stop();
    await rtnetlink.stop();
    await tracer.stop();
  }
  const notice = refusalNotice(coverage);
  return { session, start, stop, gone: () => tracer.ended, ...(notice === undefined ? {} : { notice }) };
}
