import { CommanderError } from 'commander';
import { doctor } from './cli/doctor.ts';
import { explain } from './cli/explain.ts';
import { lab } from './cli/lab.ts';
import { chooseNetns } from './cli/netns.ts';
import { createProgram, unknownCommand } from './cli/options.ts';
import { readVersion } from './cli/places.ts';
import { replay } from './cli/replay.ts';
import { watch } from './cli/watch.ts';
import { why } from './cli/why.ts';
import { EXIT, RoutecauseError } from './model/errors.ts';
import { sanitizeText } from './report/sanitize.ts';

/** Argv to exit code; the only caller of process.exit. */
async function main(): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram(readVersion(), {
    watch: options => watch({
      tier: options.tier, follow: chooseNetns(options), json: options.json === true, initial: options.initial === true, attempts: options.attempts === true, impact: options.impact, force: false, attachTimeoutMs: options.attachTimeout * 1000, icmp: options.icmp,
    }),
    record: options => {
      const follow = chooseNetns(options);
      return watch({
        tier: options.tier, follow, json: false, initial: false, attempts: options.attempts === true, impact: options.impact, output: options.output, force: options.force === true, attachTimeoutMs: options.attachTimeout * 1000, icmp: options.icmp,
      });
    },
    replay: (file, options) => replay(file, { json: options.json === true, initial: options.initial === true, attempts: options.attempts === true, impact: options.impact }),
    doctor: options => doctor({ json: options.json === true }),
    why: (target, { json, netns, pid, ...question }) => why({ ...question, target }, { ...(netns === undefined ? {} : { netns }), ...(pid === undefined ? {} : { pid }), json: json === true }),
    explain: (topic, key, options) => explain(topic, key.join(' '), { json: options.json === true }),
    lab,
  }, result => { code = result; });
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    const unknown = unknownCommand(program, process.argv.slice(2));
    if (unknown !== undefined) throw new RoutecauseError(`there is no command ${unknown}`, 'routecause --help lists the commands', { exitCode: EXIT.usage });
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof RoutecauseError) {
      process.stderr.write(`routecause: ${sanitizeText(error.message)}\n  remedy: ${sanitizeText(error.remedy)}\n`);
      return error.exitCode;
    }
    throw error;
  }
  return code;
}

main().then(code => { process.exit(code); }, (error: unknown) => {
  process.stderr.write(`routecause: a bug: ${sanitizeText(error instanceof Error ? error.stack ?? error.message : String(error)).replaceAll('\\n', '\n')}\n`);
  process.exit(EXIT.error);
});
