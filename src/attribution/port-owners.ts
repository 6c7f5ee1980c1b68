import type { NetnsRef } from '../model/netns.ts';
import type { LifeObservation, PortObservation, ProcessObservation } from '../model/observation.ts';
import type { Actor, Evidence } from '../model/output.ts';
import type { BootTime } from '../model/time.ts';
import type { ProcessTable } from '../processes/table.ts';
import { mayBeAnothers, openerOf } from './kin.ts';
import { createLives, TICK_NS, type Life } from './lives.ts';
import { createPortLooks, type Look } from './port-looks.ts';

export interface Owner { readonly actor: Actor; readonly evidence: readonly Evidence[] }

/**
 * Who a port id belongs to, as far as /proc tells: the process that alone can have had its socket, else the one that has the
 * port id for its process id. Nobody rather than a wrong one: port ids are chosen by habit, sockets are handed on by fork, and
 * processes end before one can look.
 */
export interface PortOwners {
  onPort(port: PortObservation): void;
  onLife(life: LifeObservation): void;
  onProcess(process: ProcessObservation): void;
  /** Of a message that was sent after `from` and not after `to`. */
  find(netns: NetnsRef, portid: number, from: BootTime, to: BootTime): Owner;
}

/** A message, and what was seen of its port id. */
interface Asked {
  readonly portid: number; readonly from: BootTime; readonly to: BootTime;
  readonly looks: readonly Look[];
  /** The last look that was over when it was sent. */
  readonly before: Look | undefined;
}

interface Holder { readonly pid: number; readonly startNs: bigint }

/** A look at the socket says something about messages this close to it. */
const VALID_NS = 2_000_000_000n;
/** A process that lives on for longer may have closed its socket well before its end. */
const PROMPT_NS = 20_000_000n;
/** A process closes its files, and is told to have ended a bit later. */
const CLOSING_NS = 5_000_000n;

export function createPortOwners(processes: ProcessTable): PortOwners {
  const looks = createPortLooks();
  const lives = createLives();

  /** The one process that can have sent it by this socket, which was there after it; undefined: nobody, or not one alone. */
  function senderBy(inode: number, { portid, from, to, looks: all, before }: Asked): Holder | undefined {
    // It may have been sent by a socket that had the number before.
    if (all.some(look => look.inode !== inode && look.first <= to && (look.last > from || (look === before && look.inode !== undefined)))) return undefined;
    const known = before?.inode === inode && before.complete && before.searched >= lives.lostUntil() ? before : undefined;
    const again = all.find(look => look.inode === inode && look.searched >= to);
    const [holder, ...others] = (known ?? again)?.holders.map(holderOf) ?? [];
    // Younger than the message: it has taken the place of whoever sent it.
    if (holder === undefined || others.length > 0 || holder.startNs > to) return undefined;
    // Another one has got it, and not by a fork.
    if (again?.holders.map(holderOf).some(({ pid, startNs }) => pid !== holder.pid && startNs <= to) === true) return undefined;
    const self = lives.at(holder.pid, holder.startNs);
    if (self?.until !== undefined && self.until < from) return undefined;
    // Where nobody told of forks since, one has to have looked again.
    if (known !== undefined && !lives.isToldSince(known.searched) && again?.holders.join() !== known.holders.join()) return undefined;
    if (self === undefined) return known === undefined || lives.isToldSince(to) ? undefined : holder;
    const first = known === undefined ? openerOf(self, portid) : self;
    return first === undefined || mayBeAnothers(first, { self, from, to, ...(known === undefined ? {} : { aloneAt: known.searched }) }) ? undefined : holder;
  }

  /** A process may become another program, and keep its sockets: then only its number is known. */
  function nameOfHolder({ pid, startNs }: Holder, to: BootTime): Actor {
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

  function bySocket(inode: number, asked: Asked): Owner {
    const holder = senderBy(inode, asked);
    const socket = `port id ${asked.portid} in the message is that of socket ${inode}`;
    if (holder === undefined) return nobody(`${socket}, which more than one process may have held then`);
    return named(nameOfHolder(holder, asked.to), `${socket}, which process ${holder.pid} alone holds (/proc/net/netlink, /proc/${holder.pid}/fd)`);
  }

  /** Where the socket is gone, or nobody may see who has it. */
  function byNumber({ portid, from, to, before }: Asked, after: Look | undefined): Owner {
    const text = `port id ${portid} in the message`;
    const life = lives.onlyOne(portid, from, to);
    if (life === undefined) return nobody(`${text}: its socket was gone when /proc was asked, and no process is known that must have been its owner`);
    const looked = after === undefined ? to : after.first < to + PROMPT_NS ? after.first : to + PROMPT_NS;
    // A socket ends with its process. Of one that lives on, it may never have been: any program may take any number for its port id.
    const isOver = life.until !== undefined && life.until <= looked + CLOSING_NS;
    if (isOver === (after?.inode !== undefined)) return nobody(`${text}: a process with that number lived then, but the socket did not end with it, so that whose it was is not known`);
    if (mayBeAnothers(life, { self: life, from, to })) return nobody(`${text}: a process with that number had children that may have had its socket, so that whose it was is not known`);
    if (before !== undefined && before.holders.some(holder => !holder.startsWith(`${life.pid}/`))) return nobody(`${text}: a process with that number did not have its socket before`);
    return named(nameOf(life, to), `${text} is the process id of one that lived just then; the kernel gives it to the first socket of a process, by habit`);
  }

  return {
    onPort: port => { looks.add(port); },
    onLife: life => { lives.onLife(life); },
    onProcess: process => { lives.onProcess(process); },
    find(netns, portid, from, to) {
      if (portid === 0) return { actor: { kind: 'unknown' }, evidence: [] };
      const all = looks.of(netns, portid);
      const asked = { portid, from, to, looks: all, before: all.findLast(look => look.first <= from) };
      const after = all.find(look => look.last >= to && look.first - to <= VALID_NS);
      const isHidden = after !== undefined && after.holders.length === 0 && !after.complete;
      return after?.inode === undefined || isHidden ? byNumber(asked, after) : bySocket(after.inode, asked);
    },
  };
}

const nobody = (text: string): Owner => ({ actor: { kind: 'unknown' }, evidence: [{ kind: 'requester', text }] });
const named = (actor: Actor, text: string): Owner => ({ actor, evidence: [{ kind: 'requester', text }] });

function holderOf(text: string): Holder {
  const [pid = 0, ticks = 0] = text.split('/').map(Number);
  return { pid, startNs: BigInt(ticks) * TICK_NS };
}
