import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { NlHeader } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';

interface Answer { readonly at: number; readonly time: BootTime; readonly header: NlHeader }
interface Run { readonly id: string; from: BootTime; to: BootTime }

const KEPT = 4096;
/** The answers to one request come at once. */
const APART_NS = 500_000_000n;

/** One id for all answers to one request, as far as that can be told: a program may give all its requests one number. */
export function createAnswers(): (netns: NetnsRef, answer: Answer) => string {
  const runs = new Map<string, Run[]>();
  return (netns, { at, time, header }) => {
    const key = `${netnsKey(netns)}.${header.portid}.${header.seq}`;
    const known = runs.get(key) ?? [];
    const run = known.find(({ from, to }) => time > from - APART_NS && time < to + APART_NS) ?? { id: `${netns.inode}.${header.portid}.${header.seq}.${at}`, from: time, to: time };
    if (time < run.from) run.from = time;
    if (time > run.to) run.to = time;
    runs.delete(key);
    runs.set(key, [...known.filter(other => other !== run), run].slice(-8));
    if (runs.size > KEPT) runs.delete(runs.keys().next().value ?? '');
    return run.id;
  };
}
