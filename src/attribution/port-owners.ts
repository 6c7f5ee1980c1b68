import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { LifeObservation, PortObservation, ProcessObservation } from '../model/observation.ts';
import type { Actor, Evidence } from '../model/output.ts';
import type { BootTime } from '../model/time.ts';
import type { ProcessTable } from '../processes/table.ts';
import { createLives, TICK_NS, type Life } from './lives.ts';

export interface Owner { readonly actor: Actor; readonly evidence: readonly Evidence[] }

/**
 * Who a port id belongs to, as far as /proc tells: the process that holds its socket, else the one that has the port id
 * for its process id. Nobody rather than a wrong one: port ids are chosen by habit, and processes end before one can look.
 */
export interface PortOwners {
  onPort(port: PortObservation): void;
  onLife(life: LifeObservation): void;
  onProcess(process: ProcessObservation): void;
  /** Of a message that was sent after `from` and not after `to`. */
  find(netns: NetnsRef, portid: number, from: BootTime, to: BootTime): Owner;
}

/** A look at the socket says something about messages this close to it. */
const VALID_NS = 2_000_000_000n;
const KEPT_LOOKS = 64;
const KEPT_PORTS = 4096;
const nobody: Actor = { kind: 'unknown' };

export function createPortOwners(processes: ProcessTable): PortOwners {
  const looks = new Map<string, PortObservation[]>();
  const lives = createLives();

  function lookAt(netns: NetnsRef, portid: number, to: BootTime): PortObservation | undefined {
    const near = (looks.get(keyOf(netns, portid)) ?? []).filter(({ time }) => (time < to ? to - time : time - to) <= VALID_NS);
    return near.find(({ time }) => time >= to) ?? near.at(-1);
  }

  /** The one process that held the socket; undefined: nobody, or not one alone. */
  function holderAt({ holders: [holder, ...others], time }: PortObservation, from: BootTime, to: BootTime): { readonly pid: number; readonly startNs: bigint } | undefined {
    if (holder === undefined || others.length > 0) return undefined;
    const [pid = 0, ticks = 0] = holder.split('/').map(Number);
    const startNs = BigInt(ticks) * TICK_NS;
    // Younger than the message: it has taken the place of whoever sent it.
    if (startNs > to) return undefined;
    const life = lives.at(pid, startNs);
    // It had ended, or somebody who had the socket from it has ended since.
    if (life !== undefined && ((life.until !== undefined && life.until < from) || lives.hadHeirs(life, from, to, time > to ? time : to))) return undefined;
    return { pid, startNs };
  }

  /** A process may become another program, and keep its sockets: then only its number is known. */
  function nameOfHolder(pid: number, startNs: bigint, to: BootTime): Actor {
    const execAt = lives.at(pid, startNs)?.execAt;
    return execAt !== undefined && execAt > to ? { kind: 'process', pid } : processes.actor(pid, startNs, undefined);
  }

  function nameOf(life: Life, to: BootTime): Actor {
    if (life.execAt !== undefined && life.execAt > to) return { kind: 'process', pid: life.pid };
    if (life.startTicks !== undefined) return processes.actor(life.pid, life.startTicks * TICK_NS, undefined);
    const parent = life.parent === undefined ? undefined : nameOf(life.parent, to);
    if (parent === undefined) return { kind: 'process', pid: life.pid };
    const { kind: _, pid = 0, comm, argv, ancestry = [] } = parent;
    const line = [{ pid, ...(comm === undefined ? {} : { comm }), ...(argv === undefined ? {} : { argv }) }, ...ancestry];
    // Without an exec it is what its parent is; after one that was too short to be read, its number is all that is known.
    return life.execAt === undefined ? { ...parent, pid: life.pid, ancestry: line } : { kind: 'process', pid: life.pid, ancestry: line };
  }

  return {
    onPort(port) {
      const key = keyOf(port.netns, port.portid);
      const list = looks.get(key) ?? [];
      list.push(port);
      if (list.length > KEPT_LOOKS) list.splice(0, KEPT_LOOKS / 2);
      looks.delete(key);
      looks.set(key, list);
      if (looks.size > KEPT_PORTS) looks.delete(looks.keys().next().value ?? '');
    },
    onLife: life => { lives.onLife(life); },
    onProcess: process => { lives.onProcess(process); },
    find(netns, portid, from, to) {
      if (portid === 0) return { actor: nobody, evidence: [] };
      const look = lookAt(netns, portid, to);
      if (look?.inode !== undefined && (look.holders.length > 0 || look.complete)) {
        const holder = holderAt(look, from, to);
        if (holder === undefined) return { actor: nobody, evidence: [{ kind: 'requester', text: `port id ${portid} in the message is that of socket ${look.inode}, which more than one process may have held then` }] };
        return { actor: nameOfHolder(holder.pid, holder.startNs, to), evidence: [{ kind: 'requester', text: `port id ${portid} in the message is that of socket ${look.inode}, which process ${holder.pid} alone holds (/proc/net/netlink, /proc/${holder.pid}/fd)` }] };
      }
      const life = lives.onlyOne(portid, from, to);
      if (life === undefined) return { actor: nobody, evidence: [{ kind: 'requester', text: `port id ${portid} in the message: its socket was gone when /proc was asked, and no process is known that must have been its owner` }] };
      // A socket ends with its process. Of one that lives on, it may never have been: any program may take any number for its port id.
      if (look?.inode === undefined && (life.until === undefined || lives.hadHeirs(life, from, to))) {
        return { actor: nobody, evidence: [{ kind: 'requester', text: `port id ${portid} in the message: its socket was gone when /proc was asked; a process with that number ${life.until === undefined ? 'lives on without it' : 'had children that may have had it'}, so that whose it was is not known` }] };
      }
      return { actor: nameOf(life, to), evidence: [{ kind: 'requester', text: `port id ${portid} in the message is the process id of one that lived just then; the kernel gives it to the first socket of a process, by habit` }] };
    },
  };
}

const keyOf = (netns: NetnsRef, portid: number): string => `${netnsKey(netns)}|${portid}`;
