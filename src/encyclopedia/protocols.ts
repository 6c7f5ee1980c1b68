import { PROTOCOLS } from '../netlink/names.ts';
import type { Entry, HostNames } from './entry.ts';

export function protocolEntry(key: string, { protocols }: HostNames): Entry | undefined {
  const number = /^\d{1,3}$/.test(key) ? Number(key) : Number(Object.entries(PROTOCOLS).find(([, name]) => name === key)?.[0] ?? -1);
  if (number < 0 || number > 255) return undefined;
  const name = protocols?.get(number) ?? PROTOCOLS[number] ?? String(number);
  return { topic: 'proto', key: name, title: `protocol ${name}`, text: [], references: [] };
}
