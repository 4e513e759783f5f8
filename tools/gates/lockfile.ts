// What is installed is exactly what was chosen: exact versions, one lock with checksums and without download addresses,
// and no install scripts.

import type { Gate } from './gate.ts';
import type { Tree } from './tree.ts';

const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'] as const;
const REQUIRED_SETTINGS = ['ignore-scripts=true', 'omit-lockfile-registry-resolved=true', 'save-exact=true'];

export type PackageFile = Partial<Record<(typeof FIELDS)[number], Readonly<Record<string, unknown>>>> & { readonly name?: string };

export const packageFiles = (tree: Tree): readonly string[] => tree.files.filter((path) => /(^|\/)package\.json$/.test(path));

export const exactPins: Gate = {
  name: 'exact-pins',
  sentence: 'Each dependency is pinned to one exact version.',
  inspect(tree) {
    const files = packageFiles(tree);
    const failures = files.flatMap((path) => {
      const manifest = JSON.parse(tree.read(path)) as PackageFile;
      return FIELDS.flatMap((field) =>
        Object.entries(manifest[field] ?? {})
          .filter(([, version]) => typeof version !== 'string' || !EXACT.test(version))
          .map(([name, version]) => `${path} asks for ${name} ${JSON.stringify(version)}; pin one version`),
      );
    });
    return { looked: files.length, failures };
  },
};

interface LockEntry {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  /** Only tools ask for it. */
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

function lockFaults(path: string, text: string): readonly string[] {
  const lock = JSON.parse(text) as { readonly packages?: Readonly<Record<string, LockEntry>> };
  return Object.entries(lock.packages ?? {}).flatMap(([name, entry]) => {
    const faults: string[] = [];
    if (/^(https?|git|ssh)/.test(entry.resolved ?? '')) faults.push(`${path}: ${name} records a download address`);
    if (/(^|\/)node_modules\//.test(name) && entry.link !== true && entry.integrity === undefined)
      faults.push(`${path}: ${name} has no checksum`);
    return faults;
  });
}

export const lockfile: Gate = {
  name: 'lockfile',
  sentence: 'Lockfiles hold checksums and no download address, and .npmrc keeps install scripts off.',
  inspect(tree) {
    const locks = tree.files.filter((path) => /(^|\/)package-lock\.json$/.test(path));
    const settings = tree.files.includes('.npmrc') ? tree.read('.npmrc').split(/\r?\n/) : [];
    return {
      looked: locks.length,
      failures: [
        ...locks.flatMap((path) => lockFaults(path, tree.read(path))),
        ...REQUIRED_SETTINGS.filter((setting) => !settings.includes(setting)).map((setting) => `.npmrc lacks ${setting}`),
      ],
    };
  },
};

/** Packages in the lock, and those of them that are more than tools; raised on purpose only, with the reason in the same change. */
const MOST_PACKAGES = 400;
const MOST_RUNNING = 160;

export const dependencyBudget: Gate = {
  name: 'dependency-budget',
  sentence: `The lock holds at most ${MOST_PACKAGES} packages, and at most ${MOST_RUNNING} of them are there when the product runs.`,
  inspect(tree) {
    if (!tree.files.includes('package-lock.json')) return { looked: 0, failures: [] };
    const lock = JSON.parse(tree.read('package-lock.json')) as { readonly packages?: Readonly<Record<string, LockEntry>> };
    const installed = Object.entries(lock.packages ?? {}).filter(([name, entry]) => name.includes('node_modules/') && entry.link !== true);
    // An optional peer that tests need (`devOptional`) is on nobody's machine who did not ask for it.
    const running = installed.filter(([, entry]) => entry.dev !== true && entry.devOptional !== true);
    return {
      looked: installed.length,
      failures: [
        ...(installed.length > MOST_PACKAGES ? [`the lock holds ${installed.length} packages; the most is ${MOST_PACKAGES}`] : []),
        ...(running.length > MOST_RUNNING
          ? [`${running.length} packages are there when the product runs; the most is ${MOST_RUNNING}`]
          : []),
      ],
    };
  },
};
