import type { Fentry } from '../../model/host.ts';

/**
 * A script with each kprobe turned into fentry and each kretprobe into fexit, in the words of this bpftrace. Arguments get
 * their names out of BTF, as plain numbers, which is what they are to a kprobe; what returns nothing returned 0.
 * @throws Error for a function or an argument that BTF does not have: coverage keeps such scripts away
 */
export function asFentry(body: string, { word, prototypes }: Fentry): string {
  const [enter, leave, args] = word === 'kfunc' ? ['kfunc', 'kretfunc', 'args->'] : ['fentry', 'fexit', 'args.'];
  return body.split(/^(?=(?:kprobe|kretprobe|tracepoint|interval|profile):)/m).map(section => {
    const [, kind, name = ''] = /^(kprobe|kretprobe):(\w+)/.exec(section) ?? [];
    if (kind === undefined) return section;
    const prototype = prototypes.get(name);
    if (prototype === undefined) throw new Error(`${name} has no prototype`);
    return section
      .replace(/^\w+:/, `${kind === 'kprobe' ? enter : leave}:`)
      .replaceAll(/\barg(\d)\b/g, (_all, index: string) => {
        const parameter = prototype.parameters[Number(index)];
        if (parameter === undefined) throw new Error(`${name} has no argument ${index}`);
        return `((uint64)${args}${parameter})`;
      })
      .replaceAll(/\bretval\b/g, prototype.returns ? 'retval' : '0');
  }).join('');
}
