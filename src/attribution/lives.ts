import type { LifeObservation, ProcessObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';

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
  /** A child of it (or a child's child) lived between the two and had ended, or become another program, when one looked: it may have had the files of its parent. Not looked (`seen`): or it lives on. */
  hadHeirs(life: Life, from: BootTime, to: BootTime, seen?: BootTime): boolean;
}

const KEPT_DEAD = 20_000;
/** So long after its end a child is asked for. */
const HEIRS_NS = 10_000_000_000n;
const KEPT_CHILDREN = 512;
/** On a busy host that a process began is told a while after its start time. */
const TOLD_WITHIN_NS = 1_000_000_000n;

export function createLives(): Lives {
  const all = new Map<number, Life[]>();
  const inner = new Set<Life>();
  let dead: Life[] = [];
  let isTold = false;

  const newest = (pid: number): Life | undefined => all.get(pid)?.at(-1);
  const children = new WeakMap<Life, Life[]>();

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

  const livedIn = (life: Life, from: BootTime, to: BootTime): boolean => life.from <= to && (life.until === undefined || life.until >= from);

  function adopt(mother: Life, child: Life, time: BootTime): void {
    const list = children.get(mother) ?? [];
    list.push(child);
    children.set(mother, list.length < KEPT_CHILDREN ? list : list.filter(({ until }) => until === undefined || time - until < HEIRS_NS));
  }

  function hadHeirs(life: Life, from: BootTime, to: BootTime, seen?: BootTime): boolean {
    const isBetween = (time: BootTime | undefined): boolean => time !== undefined && time >= from && (seen === undefined || time <= seen);
    const heirs = [...children.get(life) ?? []];
    // A chain of forks may be of any length: no call within a call.
    for (const heir of heirs) {
      if (heir.from <= to && (isBetween(heir.until) || isBetween(heir.execAt) || (seen === undefined && heir.until === undefined))) return true;
      for (const child of children.get(heir) ?? []) heirs.push(child);
    }
    return false;
  }

  return {
    onLife({ event, pid, parent, time }) {
      if (event === 'lost') {
        // Whoever began and ended meanwhile is not known.
        all.clear();
        inner.clear();
        isTold = false;
        return;
      }
      isTold = true;
      if (event === 'fork') {
        const mother = parent === undefined ? undefined : newest(parent);
        const child: Life = { pid, from: time, isInner: mother?.isInner ?? false, ...(mother === undefined ? {} : { parent: mother }) };
        begin(child);
        if (mother !== undefined) adopt(mother, child, time);
        return;
      }
      let life = newest(pid);
      if (life === undefined || life.until !== undefined) begin(life = { pid, from: time, isInner: false });
      if (event === 'exit') { bury(life, time); return; }
      life.execAt = time;
      delete life.startTicks;
    },
    onProcess({ pid, startTicks, innerPid, uid }) {
      const start = startTicks * TICK_NS;
      let life = newest(pid);
      // Of the same tick: /proc counts in hundredths of a second.
      if (life === undefined || life.until !== undefined || (life.startTicks !== undefined && life.startTicks !== startTicks)) begin(life = { pid, from: start, isInner: false });
      life.startTicks = startTicks;
      // It was gone before all could be read.
      if (uid === undefined) return;
      if (innerPid === undefined) { life.isInner = false; inner.delete(life); return; }
      life.isInner = true;
      life.innerPid = innerPid;
      inner.add(life);
    },
    onlyOne(pid, from, to) {
      if (!isTold) return undefined;
      for (const life of inner) if (livedIn(life, from, to) && (life.innerPid === undefined || life.innerPid === pid)) return undefined;
      const found = (all.get(pid) ?? []).filter(life => livedIn(life, from, to));
      return found.length === 1 && found[0]?.isInner === false ? found[0] : undefined;
    },
    at: (pid, startNs) => isTold ? all.get(pid)?.findLast(life => life.from - startNs < TOLD_WITHIN_NS && startNs - life.from < TICK_NS) : undefined,
    hadHeirs,
  };
}
