/** A probe script and what its header says of it. The header's labels are fixed: test/probes.test.ts insists on them. */
export interface ProbeFile {
  /** File name without `.bt` = kernel function = probe name. */
  readonly name: string;
  readonly purpose: string;
  readonly kernel: string;
  /** Features this script needs: `kprobe:F`, `kallsyms:F`, `tracepoint:S:E`, `struct S`, `struct S.member`. */
  readonly requires: readonly string[];
  /** Scripts that it stands in for: taken only where none of them can be armed; the first one has the fact that it tells. */
  readonly replaces: readonly string[];
  /** Features of the kernels that do what it tells; elsewhere there is nothing to be missed. */
  readonly applies: readonly string[];
  /** The option of `watch` and `record` without which it stays unarmed; empty: always armed. */
  readonly option: string;
  readonly context: string;
  readonly rate: string;
  readonly cannotSee: string;
  readonly example: string;
  readonly body: string;
}

/** Whether it is to be armed when these options are given. */
export const isWanted = ({ option }: Pick<ProbeFile, 'option'>, options: readonly string[]): boolean => option === '' || options.includes(option);

const list = (text: string): string[] => text.split(';').map(part => part.trim()).filter(part => part !== '');
const label = (header: string, name: string): string =>
  new RegExp(`^ \\* ${name}:[ \\t]*(.*)$`, 'm').exec(header)?.[1]?.trim() ?? '';

/** Reads `text` of `<name>.bt`; labels that are missing give empty strings. */
export function parseProbeFile(name: string, text: string): ProbeFile {
  const end = text.indexOf('*/');
  const header = text.slice(0, end + 2);
  const purpose = new RegExp(`^ \\* ${name} - (.*)$`, 'm').exec(header)?.[1] ?? '';
  return {
    name, purpose,
    kernel: label(header, 'Kernel'),
    requires: list(label(header, 'Requires')), replaces: list(label(header, 'Replaces')), applies: list(label(header, 'Applies')),
    option: label(header, 'Option'), context: label(header, 'Context'), rate: label(header, 'Rate'),
    cannotSee: label(header, 'Cannot see'), example: label(header, 'Example'),
    body: text.slice(end + 2).trim(),
  };
}
