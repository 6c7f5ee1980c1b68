import { expect, test } from 'vitest';
import { allowsColor, isUtf8Locale } from '../../src/report/environment.ts';

test.each([
  [{ LANG: 'C.UTF-8' }, true], [{ LANG: 'de_DE.utf8' }, true], [{ LC_CTYPE: 'en_US.UTF-8', LANG: 'C' }, true],
  [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false], [{ LC_ALL: '', LANG: 'en_US.UTF-8' }, true], [{}, false], [{ LANG: 'de_DE.ISO-8859-1' }, false],
])('isUtf8Locale: %j is %s', (env, expected) => expect(isUtf8Locale(env)).toBe(expected));

test.each([
  [{}, true, true], [{}, false, false], [{ NO_COLOR: '1' }, true, false], [{ NO_COLOR: '' }, true, true], [{ TERM: 'dumb' }, true, false],
])('allowsColor: %j, asked %s, is %s', (env, asked, expected) => expect(allowsColor(env, asked)).toBe(expected));
