import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { LabError } from './error.ts';

/** Files of one built guest image; never written to after the build. */
export type LabImage = {
  readonly kernel: string;
  readonly initrd: string;
  readonly rootDisk: string;
  readonly privateKey: string;
  readonly knownHosts: string;
  /** Shared by all images. */
  readonly cache: string;
};

/**
 * Finds the image of a Debian suite in the cache, or builds it (about a minute, as root). `recipe`: the folder with build-image.sh.
 * @throws LabError when the build fails.
 */
export async function findImage(recipe: string, suite = 'bookworm', signal?: AbortSignal): Promise<LabImage> {
  const build = await execa(join(recipe, 'build-image.sh'), [suite], {
    reject: false,
    stderr: ['pipe', 'inherit'],
    ...(signal && { cancelSignal: signal }),
  });
  if (build.failed) {
    const [, told] = /build-image: ([^\n]*)$/.exec(build.stderr.trimEnd()) ?? [];
    throw new LabError(`there is no image for the lab: ${told ?? (build.stderr.slice(-2000) || build.shortMessage)}`);
  }
  const folder = build.stdout;
  return {
    kernel: join(folder, 'kernel'),
    initrd: join(folder, 'initrd.img'),
    rootDisk: join(folder, 'rootfs.ext4'),
    privateKey: join(folder, 'id_ed25519'),
    knownHosts: join(folder, 'known_hosts'),
    cache: dirname(dirname(folder)),
  };
}
