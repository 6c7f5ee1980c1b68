/** Environment variables, handed in so that nothing here depends on the process it runs in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the terminal can be sent anything but ASCII: POSIX precedence LC_ALL, LC_CTYPE, LANG; none set means "C". */
export function isUtf8Locale(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '');
}

/** Colour is drawn where it was asked for, unless NO_COLOR (set and not empty, as no-color.org has it) or a dumb terminal says no. */
export function allowsColor(env: Environment, asked: boolean): boolean {
  return asked && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
