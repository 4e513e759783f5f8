// Holds the requirements manifest and the tests together: what is said to be delivered is tested, what is tested is known and delivered.

import { citationsIn } from './citations.ts';
import type { Gate } from './gate.ts';
import { isTest, type Tree } from './tree.ts';

export const MANIFEST = 'docs/requirements/manifest.json';

export interface Requirement {
  readonly id: string;
  readonly area: string;
  readonly state: 'planned' | 'delivered';
  readonly behaviour: string;
}

const KEYS = 'area behaviour id state';
const AREA = /^[a-z]+(-[a-z]+)*$/;
const SENTENCE = /^[A-Z][^\n]{20,239}\.$/;

export function readManifest(tree: Tree): readonly Requirement[] {
  return (JSON.parse(tree.read(MANIFEST)) as { readonly requirements: readonly Requirement[] }).requirements;
}

function rowFaults(rows: readonly Requirement[]): readonly string[] {
  const seen = new Map<string, Requirement>();
  return rows.flatMap((row) => {
    const faults: string[] = [];
    const earlier = seen.get(row.id);
    if (earlier !== undefined) {
      faults.push(
        earlier.state === row.state ? `${row.id} stands twice in the manifest` : `${row.id} is both ${earlier.state} and ${row.state}`,
      );
    }
    seen.set(row.id, row);
    if (Object.keys(row).sort().join(' ') !== KEYS) faults.push(`${row.id} must have exactly id, area, state and behaviour`);
    if (row.state !== 'planned' && row.state !== 'delivered') faults.push(`${row.id} is neither planned nor delivered`);
    if (!AREA.test(row.area)) faults.push(`${row.id} has no area`);
    if (!SENTENCE.test(row.behaviour)) faults.push(`${row.id} needs one plain sentence of at most 240 characters as its behaviour`);
    return faults;
  });
}

export const requirements: Gate = {
  name: 'requirements',
  sentence: 'Each delivered requirement is cited by a test, each cited requirement is known and delivered, and none contradicts itself.',
  inspect(tree) {
    const rows = readManifest(tree);
    const states = new Map(rows.map((row) => [row.id, row.state]));
    const citations = tree.files.filter(isTest).flatMap((path) => citationsIn(path, tree.read(path)));
    const cited = new Set(citations.map((citation) => citation.id));
    const delivered = rows.filter((row) => row.state === 'delivered');
    return {
      looked: rows.length,
      failures: [
        ...rowFaults(rows),
        ...citations.filter(({ id }) => !states.has(id)).map(({ id, path }) => `${path} cites ${id}, which is not in ${MANIFEST}`),
        ...citations
          .filter(({ id }) => states.get(id) === 'planned')
          .map(({ id, path }) => `${path} cites ${id}, which ${MANIFEST} still calls planned`),
        ...delivered.filter(({ id }) => !cited.has(id)).map(({ id }) => `${id} is called delivered but no test cites it`),
      ],
      notes: [`${delivered.length} of ${rows.length} requirements delivered, ${citations.length} citations`],
    };
  },
};
