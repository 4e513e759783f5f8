// A label is better than what it was made from only by a named rule: nobody else writes one down member by member, or spreads a constant.

import type { Gate } from './gate.ts';

/** The lattice and its rules. */
const OWNERS: ReadonlySet<string> = new Set(['server/src/core/labels.ts', 'server/src/core/label-rules.ts']);
/** The worst label narrowed, or the best one changed, is a label of its own. */
const SPREAD = /\.\.\.\s*(?:TRUSTED_CONSTANT|WORST)\b/;
/** The two members that no other record of ours has together. */
const WRITTEN = /\breaders:[^\n]*\n(?:[^\n}]*\n){0,4}?[^\n}]*\bsubject:|\bsubject:[^\n]*\n(?:[^\n}]*\n){0,4}?[^\n}]*\breaders:/;
const CALL = /\blabelBy\(\s*[^,()]+,\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*\)/g;

export const labelRules: Gate = {
  name: 'label-rules',
  sentence: 'A label is made by a join or by a rule of core/label-rules.ts, and written down nowhere else.',
  inspect(tree) {
    const paths = tree.files.filter(
      (path) => path.startsWith('server/src/') && path.endsWith('.ts') && !/\.test\.ts$|\/test\//.test(path) && !OWNERS.has(path),
    );
    const failures = paths.flatMap((path) => {
      const text = tree.read(path);
      if (!/\b(?:Label|TRUSTED_CONSTANT|WORST|readers)\b/.test(text)) return [];
      const rest = text.replaceAll(CALL, '');
      if (SPREAD.test(rest)) return [`${path} changes a constant label; use labelBy with a rule`];
      return WRITTEN.test(rest) ? [`${path} writes a label down; use join or labelBy with a rule`] : [];
    });
    return { looked: paths.length, failures };
  },
};
