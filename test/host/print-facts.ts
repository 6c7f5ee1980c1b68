import { readProbes } from '../../src/cli/places.ts';
import { wantedBy } from '../../src/host/coverage.ts';
import { inspectHost } from '../../src/host/inspect.ts';
import { encodeFacts } from './facts-file.ts';

// What routecause finds out about the host that this runs on: fixtures/hosts/record.sh runs it in many situations.
process.stdout.write(encodeFacts(await inspectHost(wantedBy(readProbes()))));
