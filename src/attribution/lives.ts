import type { LifeObservation, ProcessObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import { adopt, livedIn } from './kin.ts';

/** CLOCK_BOOTTIME start time of a process in clock ticks (USER_HZ), as /proc/PID/stat has it (field 22). */
export const TICK_NS = 10_000_000n;

/** From when to when a process lived, as far as it was seen. */
export interface Life {
  readonly pid: number;
  readonly from: bigint;
  until?: BootTime;
  /** When it last became another program. */
  execAt?: BootTime;
  readonly parent?: Life;
  /** Its beginning was told, and so were those of all its children. */
  readonly isBorn: boolean;
  children: Life[];
  /** From so many children on those are left out that ended long ago. */
  crowd?: number;
  /** Known once /proc was read in its time. */
  startTicks?: bigint;
  /** It is in another pid namespace, where its number is this one, or not known. */
  isInner: boolean; innerPid?: number;
}

/** Who lived when: from process events, seeded by what /proc shows at the start. */
export interface Lives {
  onLife(life: LifeObservation): void;
  onProcess(process: ProcessObservation): void;
  /**
   * The one process that has, as its own id in its pid namespace, this number, and lived at some time between the two.
   * undefined: none, several, or one of another pid namespace may have it; or nobody tells of processes that begin.
   */
  onlyOne(pid: number, from: BootTime, to: BootTime): Life | undefined;
  /** The process with this number that began then, and what became of it; undefined: nobody tells. */
  at(pid: number, startNs: bigint): Life | undefined;
  /** All forks since then were told. */
  isToldSince(time: bigint): boolean;
  /** Until then events were lost; 0: none were. */
  lostUntil(): bigint;
}

const KEPT_DEAD = 20_000;
/** On a busy host that a process began is told a while after its start time. */
const TOLD_WITHIN_NS = 1_000_000_000n;

/** /proc counts in hundredths of a second. */
const isOf = (life: Life, startNs: bigint): boolean => life.from - startNs < TOLD_WITHIN_NS && startNs - life.from < TICK_NS;

export function createLives(): Lives {
  const all = new Map<number, Life[]>();
  const inner = new Set<Life>();
  let dead: Life[] = [];
  let toldSince: BootTime | undefined;
  let lostUntil = 0n;

  const newest = (pid: number): Life | undefined => all.get(pid)?.at(-1);

  function begin(life: Life): void {
    const list = all.get(life.pid) ?? [];
    const last = list.at(-1);
    if (last !== undefined) last.until ??= life.from as BootTime;
    list.push(life);
    all.set(life.pid, list);
    if (life.isInner) inner.add(life);
  }

  function bury(life: Life, time: BootTime): void {
    life.until ??= time;
    dead.push(life);
    if (dead.length <= KEPT_DEAD) return;
    for (const old of dead.slice(0, KEPT_DEAD / 2)) {
      const left = (all.get(old.pid) ?? []).filter(one => one !== old);
      if (left.length === 0) all.delete(old.pid); else all.set(old.pid, left);
      inner.delete(old);
    }
    dead = dead.slice(KEPT_DEAD / 2);
  }

  return {
    onLife({ event, pid, parent, time }) {
      if (event === 'lost') {
        // Whoever began and ended meanwhile is not known.
        all.clear();
        inner.clear();
        [toldSince, lostUntil] = [undefined, time];
        return;
      }
      toldSince ??= time;
      if (event === 'fork') {
        const mother = parent === undefined ? undefined : newest(parent);
        const child: Life = { pid, from: time, isBorn: true, children: [], isInner: mother?.isInner ?? false, ...(mother === undefined ? {} : { parent: mother }) };
        begin(child);
        if (mother !== undefined) adopt(mother, child, time);
        return;
      }
      let life = newest(pid);
      if (life === undefined || life.until !== undefined) begin(life = { pid, from: time, isBorn: false, children: [], isInner: false });
      if (event === 'exit') { bury(life, time); return; }
      life.execAt = time;
      delete life.startTicks;
    },
    onProcess({ pid, startTicks, innerPid, uid }) {
      const start = startTicks * TICK_NS;
      let life = newest(pid);
      // It may be read when it has ended, as long as nobody has waited for it.
      if (life === undefined || (life.until !== undefined && !isOf(life, start)) || (life.startTicks !== undefined && life.startTicks !== startTicks)) begin(life = { pid, from: start, isBorn: false, children: [], isInner: false });
      life.startTicks = startTicks;
      // It was gone before all could be read.
      if (uid === undefined) return;
      if (innerPid === undefined) { life.isInner = false; inner.delete(life); return; }
      life.isInner = true;
      life.innerPid = innerPid;
      inner.add(life);
    },
    onlyOne(pid, from, to) {
      if (toldSince === undefined) return undefined;
      for (const life of inner) if (livedIn(life, from, to) && (life.innerPid === undefined || life.innerPid === pid)) return undefined;
      const found = (all.get(pid) ?? []).filter(life => livedIn(life, from, to));
      return found.length === 1 && found[0]?.isInner === false ? found[0] : undefined;
    },
    at: (pid, startNs) => toldSince === undefined ? undefined : all.get(pid)?.findLast(life => isOf(life, startNs)),
    isToldSince: time => toldSince !== undefined && toldSince <= time,
    lostUntil: () => lostUntil,
  };
}
