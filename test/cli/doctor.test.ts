import { describe, expect, test } from 'vitest';
import { checkHost } from '../../src/cli/live.ts';
import { incidentRecording } from '../../src/cli/places.ts';
import { routecause, SENTENCE_AND_REMEDY } from './run.ts';

const { tiers, coverage } = await checkHost();
const findings = tiers[0]?.findings ?? [];
const expectedCode = findings.length > 0 ? 1 : coverage.blind.length > 0 ? 4 : 0;

describe('doctor, on this very host', () => {
  test('says in text what it finds', async () => {
    const { exitCode, stdout, stderr } = await routecause(['doctor']);
    expect({ exitCode, stderr }).toStrictEqual({ exitCode: expectedCode, stderr: '' });
    expect(stdout).toMatch(/^host {7}\S/);
    for (const { problem, remedy } of findings) {
      expect(stdout).toContain(`problem  ${problem}`);
      expect(stdout).toContain(`remedy   ${remedy}`);
    }
  });

  test('says the same in JSON', async () => {
    const { exitCode, stdout, stderr } = await routecause(['doctor', '--json']);
    expect({ exitCode, stderr }).toStrictEqual({ exitCode: expectedCode, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'doctor', schema: 1, traceable: findings.length === 0, findings, coverage: { blind: coverage.blind } });
  });
});

describe.skipIf(findings.length === 0)('on a host that cannot be traced', () => {
  test('the tier that traces is refused, with the reason and what mends it', async () => {
    const { exitCode, stdout, stderr } = await routecause(['watch', '--tier', 'bpftrace']);
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toContain(findings[0]?.problem);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 1, stdout: '' });
  });

  test('says what it does instead, and what is lost', async () => {
    const { stdout } = await routecause(['doctor']);
    expect(stdout).toMatch(/^instead .*likely at best$/m);
    expect(stdout).toContain(`routecause replay ${incidentRecording()}`);
  });
});
