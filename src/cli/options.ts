import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { EXIT } from '../model/errors.ts';
import type { Tier } from '../model/output.ts';
import type { NetnsOptions } from './netns.ts';

/** What the commands do; handed in, so that reading the command line stays free of effects. */
export interface Actions {
  watch(options: NetnsOptions & { json?: true; initial?: true; attempts?: true; impact: boolean; attachTimeout: number; icmp: boolean; tier: 'auto' | Tier }): Promise<number>;
  record(options: NetnsOptions & { output: string; force?: true; attempts?: true; impact: boolean; attachTimeout: number; icmp: boolean; tier: 'auto' | Tier }): Promise<number>;
  replay(file: string, options: { json?: true; initial?: true; attempts?: true; impact: boolean }): Promise<number>;
  doctor(options: { json?: true }): Promise<number>;
  why(target: string, options: NetnsOptions & { from?: string; vrf?: string; mark?: number; recording?: string; json?: true }): Promise<number>;
  explain(topic: string | undefined, key: readonly string[], options: { json?: true }): Promise<number>;
  lab(options: { debian: '12' | '13'; run?: string; output?: string }): Promise<number>;
}

const EXIT_CODES = `
Exit codes: ${EXIT.ok} ok, ${EXIT.error} error, ${EXIT.usage} usage, ${EXIT.expectation} an expectation failed, ${EXIT.partial} partial
(events were lost, or the recording is cut), ${EXIT.sigint}/${EXIT.sigterm} ended by SIGINT/SIGTERM.
Results go to stdout, everything else to stderr.`;

const LAB_NEEDS = `
In the machines: incident list, incident run NAME, incident reset
(docs/incidents has the stories), routecause for the screen.
Needs QEMU 7.2 or newer for x86-64, ssh and setpriv; the first start makes the
image (a minute, as root, with mmdebstrap) and keeps it in
$ROUTECAUSE_LAB_CACHE, by default ~/.cache/routecause-lab. Nothing else on this
host is changed, and nothing leaves the machines.`;

const seconds = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It takes a number of seconds above 0.');
  return value;
};

const processId = (text: string): number => {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes the number of a process.');
};

const packetMark = (text: string): number => {
  const value = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : NaN;
  if (!(value <= 0xffff_ffff)) throw new InvalidArgumentError('It takes a number up to 0xffffffff, decimal or with 0x.');
  return value;
};

const netns = () => new Option('--netns <name>', 'the routes of this network namespace (a name of `ip netns`, or a path) instead of our own').conflicts(['pid', 'allNetns']);
const pid = () => new Option('--pid <pid>', 'the routes of the network namespace that this process is in, as of a container').argParser(processId).conflicts(['netns', 'allNetns']);
const allNetns = () => new Option('--all-netns', 'the routes of all network namespaces, also of those that come later').conflicts(['netns', 'pid']);
const tier = () => new Option('--tier <tier>', 'how to learn of causes; netlink does without tracing and root, and proves nothing').choices(['auto', 'bpftrace', 'ftrace', 'netlink'] as const).default('auto' as const);

const noIcmp = () => new Option('--no-icmp', 'in the netlink tier, do not listen to router advertisements and redirects (it takes CAP_NET_RAW)');

/** The command line. `done` gets the exit code of the command that ran. */
export function createProgram(version: string, actions: Actions, done: (code: number) => void) {
  const program = new Command('routecause')
    .description('git blame for the Linux routing table: which program, by which path, changed a route, and what to do.\nWithout a command it watches this host; where the host cannot be traced, by netlink messages alone.')
    .version(version, '-V, --version').showHelpAfterError('  remedy: routecause --help lists commands and options')
    // As every other mistake is told: one sentence, then the remedy.
    .configureOutput({ outputError: (text, write) => { write(`${text.trimEnd().replace(/^error: /, 'routecause: ').replaceAll('\n', ' ')}\n`); } })
    .addHelpText('after', EXIT_CODES);

  program.command('watch', { isDefault: true })
    .description('watch this host live (the default)')
    .option('--json', 'one JSON object per line on stdout')
    .addOption(netns()).addOption(pid()).addOption(allNetns())
    .addOption(tier())
    .option('--initial', 'also tell of every route that is there at the start')
    .option('--attempts', 'also tell of requests that the kernel refused, with its reason')
    .addOption(noIcmp())
    .option('--no-impact', 'do not watch sessions, tunnels and neighbours, and tell what a change does to them')
    .option('--attach-timeout <seconds>', 'how long attaching the probes may take', seconds, 300)
    .action(async options => { done(await actions.watch({ ...options })); });
  program.command('record')
    .description('record what happens on this host to a file, for replay')
    .requiredOption('-o, --output <file>', 'the file to write (mode 0600; it holds command lines)')
    .option('--force', 'replace an existing file')
    .addOption(netns()).addOption(pid()).addOption(allNetns())
    .addOption(tier())
    .option('--attempts', 'also record requests that the kernel refused')
    .addOption(noIcmp())
    .option('--no-impact', 'do not watch and record what depends on routes')
    .option('--attach-timeout <seconds>', 'how long attaching the probes may take', seconds, 300)
    .action(async options => { done(await actions.record(options)); });
  program.command('replay')
    .description('explain a recording; needs no root')
    .argument('<file>', 'a file made by routecause record')
    .option('--json', 'one JSON object per line on stdout')
    .option('--initial', 'also tell of every route that was there at the start')
    .option('--attempts', 'also tell of the refused requests that the recording holds')
    .option('--no-impact', 'do not tell what changes did to sessions, tunnels and neighbours')
    .action(async (file, options) => { done(await actions.replay(file, options)); });
  program.command('why')
    .description('why packets to an address go where they go now: the route, what led to it, and where it came from; needs no recording, and is better with one')
    .argument('<target>', 'an address (fe80::1%eth0 where it takes a device) or a prefix')
    .option('--from <address>', 'of packets with this source address')
    .option('--vrf <name>', 'of packets of this VRF')
    .option('--mark <mark>', 'of packets with this mark (fwmark)', packetMark)
    .addOption(new Option('--netns <name>', 'in this network namespace (a name of `ip netns`, or a path) instead of our own').conflicts('pid'))
    .addOption(new Option('--pid <pid>', 'in the network namespace that this process is in').argParser(processId).conflicts('netns'))
    .option('--recording <file>', 'with what this recording (routecause record) saw of the route')
    .option('--json', 'as one JSON object')
    .action(async (target, options) => { done(await actions.why(target, options)); });
  program.command('doctor')
    .description('what this host can trace, what is missing, and what mends it')
    .option('--json', 'as one JSON object')
    .action(async options => { done(await actions.doctor(options)); });
  program.command('explain')
    .description('what a protocol, type, table, scope, flag, preference, metric, error or cause means; offline')
    .argument('[topic]', 'one of those; without a topic it lists them')
    .argument('[key...]', 'a number or a name: proto zebra, table 0, flag linkdown, error EHOSTUNREACH; without a key it lists them')
    .option('--json', 'as one JSON object')
    .action(async (topic, key, options) => { done(await actions.explain(topic, key, options)); });
  program.command('lab')
    .description('two throw-away virtual machines (QEMU, KVM where it works) in which to live through incidents: a firewall with BGP in two VRFs to a hypervisor, FRR on both, a recorder running. Opens a shell in the firewall; its end ends them.')
    .option('--run <incident>', 'make this incident happen, print what is told of it, and end')
    .option('-o, --output <file>', 'with --run: bring the recording here')
    .addOption(new Option('--debian <release>', 'what the machines run').choices(['12', '13'] as const).default('12' as const))
    .addHelpText('after', LAB_NEEDS)
    .action(async options => { done(await actions.lab(options)); });
  for (const command of program.commands) command.showHelpAfterError(`  remedy: routecause ${command.name()} --help lists its options`);
  return program;
}

/** A first word that is neither an option nor a command (the default command would take it for an argument of its own), also behind `help`. */
export function unknownCommand(program: ReturnType<typeof createProgram>, argv: readonly string[]): string | undefined {
  const [first] = argv[0] === 'help' ? argv.slice(1) : argv;
  if (first === undefined || first.startsWith('-') || first === 'help') return undefined;
  return program.commands.some(command => command.name() === first) ? undefined : first;
}
