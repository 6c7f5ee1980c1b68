import { readFileSync } from 'node:fs';
import type { OutputRecord } from '../../src/model/output.ts';
import { answerScreen } from '../../src/cli/why-screen.ts';
import { openUi } from '../../src/ui/render.tsx';

/**
 * Runs the live view in a terminal of its own: shows the records of the file given, one line each, and quits as a
 * session would. SIGUSR2 makes it crash, to see that this gives the terminal back as well.
 */
const [file = ''] = process.argv.slice(2);
const { stdin, stdout, env } = process;
const ui = openUi({
  stdin, stdout, env, onQuit: () => void quit(0), onWhy: answerScreen,
  ...(env['DRIVE_NOTICE'] === undefined ? {} : { notice: env['DRIVE_NOTICE'] }),
  ...(env['DRIVE_RECORDING'] === undefined ? {} : { recordingFile: env['DRIVE_RECORDING'] }),
});
process.on('SIGTERM', () => void quit(143));
for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') ui.show(JSON.parse(line) as OutputRecord);
// Stands for a session: it keeps the process alive.
const session = setInterval(() => undefined, 1000);
process.on('SIGUSR2', () => { throw new Error('driver failed on purpose'); });

ui.done.catch((error: unknown) => { stdout.write(`view failed: ${String(error)}\n`); process.exit(1); });

async function quit(exitCode: number): Promise<void> {
  // A session that hangs while it stops.
  if (env['DRIVE_HANG'] !== undefined) { await ui.done; stdout.write('gave the terminal back\n'); process.exit(1); }
  await ui.close();
  clearInterval(session);
  stdout.write(`left with ${exitCode}\n`);
  process.exitCode = exitCode;
}
