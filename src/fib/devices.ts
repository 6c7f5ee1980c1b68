import type { NameLookup } from '../model/attribution.ts';
import { IFF, type LinkMessage } from '../model/rtnetlink.ts';
import { applySetting, isNews, isOfAllIpv4, type LinkdownSetting, type LinkdownSettings } from './linkdown.ts';

/** The devices of one namespace, by index, and what was set of them that routes depend on. */
export interface Devices {
  learn(link: LinkMessage): void;
  set(setting: LinkdownSetting): void;
  /** Names as they are now: later changes do not show in them. */
  names(): NameLookup;
  /** Settings as they are now: later ones do not show in them. */
  linkdown(): LinkdownSettings;
  /** IFF_UP, as messages told of it. */
  isUp(ifindex: number): boolean;
  /** Table of the VRF that the device is, or is a port of. */
  tableOf(ifindex: number): number | undefined;
  vrfTables(): readonly number[];
}

/** `linkdownOfAll`: IPv4 heeds ignore_routes_with_linkdown of all devices, as it does from Linux 5.11 on. */
export interface DeviceRules { readonly linkdownOfAll?: boolean }

export function createDevices({ linkdownOfAll = true }: DeviceRules = {}): Devices {
  let links = new Map<number, LinkMessage>();
  /** Names of devices that are gone: what they took along may be told after them. */
  let goneNames = new Map<number, string>();
  /** Somebody looks up names as they are now: the next change of a device is made on copies. */
  let isShared = false;
  let linkdown = new Map<string, boolean>();
  let isLinkdownShared = false;
  return {
    learn(link) {
      if (isShared) {
        links = new Map(links);
        goneNames = new Map(goneNames);
        isShared = false;
      }
      const before = links.get(link.ifindex);
      const known = before?.name ?? link.name;
      if (link.deleted) {
        links.delete(link.ifindex);
        if (known !== undefined) goneNames.set(link.ifindex, known);
      } else links.set(link.ifindex, { ...before, ...link });
    },
    set(setting) {
      if (!isNews(linkdown, setting) || (!linkdownOfAll && isOfAllIpv4(setting))) return;
      // A first dump has a setting for every device: no copy for each of them.
      if (isLinkdownShared) linkdown = new Map(linkdown);
      isLinkdownShared = false;
      applySetting(linkdown, setting);
    },
    names() {
      isShared = true;
      const [now, gone] = [links, goneNames];
      return {
        device: ifindex => now.get(ifindex)?.name ?? gone.get(ifindex),
        kind: ifindex => now.get(ifindex)?.infoKind,
        vrf(table) {
          for (const link of now.values()) if (link.infoKind === 'vrf' && link.vrfTable === table) return link.name;
          return undefined;
        },
      };
    },
    linkdown() {
      isLinkdownShared = true;
      return linkdown;
    },
    isUp: ifindex => ((links.get(ifindex)?.flags ?? 0) & IFF.UP) !== 0,
    tableOf(ifindex) {
      const link = links.get(ifindex);
      const master = link?.infoKind === 'vrf' ? link : links.get(link?.master ?? 0);
      return master?.infoKind === 'vrf' ? master.vrfTable : undefined;
    },
    vrfTables: () => [...links.values()].flatMap(({ vrfTable }) => vrfTable ?? []),
  };
}
