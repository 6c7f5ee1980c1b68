import { addLabNetns } from '../../../fixtures/rtnetlink/lab.ts';
import type { LabNetns } from '../../../fixtures/rtnetlink/lab.ts';
import type { Observation } from '../../../src/model/observation.ts';
import type { RouteMessage, RtMessage } from '../../../src/model/rtnetlink.ts';
import { decodeMessage } from '../../../src/netlink/decode.ts';
import { openRtnetlinkSource } from '../../../src/sources/rtnetlink/source.ts';
import type { RtnetlinkOptions, RtnetlinkSource } from '../../../src/sources/rtnetlink/source.ts';

/** Why tests in namespaces do not run, for the title of what is skipped; undefined where they do. */
export const SKIP_REASON = process.getuid?.() === 0 ? undefined : 'needs root to make network namespaces';

/** A started source in a namespace of its own, and all that it delivered. */
export interface Live extends AsyncDisposable {
  readonly netns: LabNetns;
  readonly source: RtnetlinkSource;
  readonly seen: readonly Observation[];
  /** Resolves as soon as it holds; the test's own timeout is the limit. */
  until(condition: () => boolean): Promise<void>;
}

export async function openLive(options: RtnetlinkOptions = {}, prepare?: (netns: LabNetns) => Promise<void>): Promise<Live> {
  const netns = addLabNetns();
  await prepare?.(netns);
  const source = openRtnetlinkSource({ ...options, netns: netns.path });
  const seen: Observation[] = [];
  let check = (): void => {};
  await source.start((observation) => {
    seen.push(observation);
    check();
  });
  return {
    netns, source, seen,
    until: (condition) => new Promise((resolve) => {
      check = () => { if (condition()) resolve(); };
      check();
    }),
    [Symbol.asyncDispose]: async () => {
      await source.stop();
      netns.remove();
    },
  };
}

export const messagesOf = (seen: readonly Observation[], dump: boolean): RtMessage[] =>
  seen.flatMap((observation) => (observation.kind === 'netlink' && observation.dump === dump ? [decodeMessage(observation.bytes)] : []));

export const routesTo = (messages: readonly RtMessage[], dst: string): RouteMessage[] =>
  messages.filter((message): message is RouteMessage => message.kind === 'route' && message.route.dst === dst);
