import { constants } from 'node:os';
import { platform } from 'node:process';
import { describe, expect, test } from 'vitest';
import { errorName, errorText } from '../../src/netlink/errors.ts';

describe('error numbers', () => {
  // What this machine calls them, where its numbers are those of the list.
  test.skipIf(platform !== 'linux')('have the names that Linux gives them', () => {
    const named = Object.entries(constants.errno).filter(([, number]) => !errorName(number).startsWith('errno '));
    expect(named.length).toBeGreaterThan(30);
    // Two names of one number, of which perror(3) knows one.
    const aliases = new Set(['EWOULDBLOCK', 'ENOTSUP']);
    expect(named.filter(([name, number]) => !aliases.has(name) && errorName(number) !== name)).toEqual([]);
  });
  test.each([[17, 'EEXIST', 'File exists'], [101, 'ENETUNREACH', 'Network is unreachable'], [524, 'ENOTSUPP', 'Unknown error 524'], [4095, 'errno 4095', 'Unknown error 4095']])('%d is %s: %s', (errno, name, text) => {
    expect([errorName(errno), errorText(errno)]).toEqual([name, text]);
  });
});
