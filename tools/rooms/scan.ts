// The import rules that dependency-cruiser can not say, because they look at names and calls inside a file:
// the clock, chance, the client half of network modules, SQL by the front door of storage, computed imports.

import { argumentAt, isNode, literalText, parseSource, type SyntaxNode, walk } from '../source/parse.ts';
import { isLoader } from '../source/specifiers.ts';

export interface ScanBreach {
  readonly rule: string;
  readonly path: string;
  readonly message: string;
}

interface ScanRule {
  readonly name: string;
  readonly sentence: string;
  /** Regular expression over paths that are free of this rule. */
  readonly exempt: RegExp;
  /** What the node does that it must not, or null. */
  breach(node: SyntaxNode): string | null;
  /** A file for the canary. */
  readonly plant: { readonly path: string; readonly source: string };
}

/** `Date.now` as [`Date`, `now`]. */
function member(node: unknown): readonly [string, string] | null {
  if (!isNode(node) || node.type !== 'MemberExpression') return null;
  const { object, property } = node;
  if (!isNode(object) || object.type !== 'Identifier' || !isNode(property)) return null;
  const name = property.type === 'Computed' ? literalText(property.expression) : property.value;
  return typeof name === 'string' ? [object.value as string, name] : null;
}

interface Specifier extends SyntaxNode {
  readonly local: { readonly value: string };
  readonly imported: { readonly value: string } | null;
  readonly isTypeOnly?: boolean;
}

/** Names of values an import takes from one of `modules`; `*` for the whole module. */
function valuesFrom(node: SyntaxNode, modules: readonly string[]): readonly string[] {
  if (node.type !== 'ImportDeclaration' || node.typeOnly === true) return [];
  if (!modules.includes(literalText(node.source) ?? '')) return [];
  return (node.specifiers as Specifier[]).flatMap((specifier) => {
    if (specifier.type !== 'ImportSpecifier') return ['*'];
    return specifier.isTypeOnly === true ? [] : [specifier.imported?.value ?? specifier.local.value];
  });
}

const AMBIENT = new Set(['Date.now', 'Math.random', 'performance.now', 'performance.timeOrigin']);
const SERVER_HALF = new Set([
  'createServer',
  'createSecureContext',
  'METHODS',
  'STATUS_CODES',
  'maxHeaderSize',
  'validateHeaderName',
  'validateHeaderValue',
  'isIP',
  'isIPv4',
  'isIPv6',
]);
const NETWORK = ['http', 'https', 'net', 'tls', 'dns', 'dgram', 'http2'].flatMap((name) => [name, `node:${name}`, `node:${name}/promises`]);
const RAW_SQL = new Set(['sql', 'query', '*']);

export const SCAN_RULES: readonly ScanRule[] = [
  {
    name: 'clock-and-chance-are-handed-in',
    sentence: 'Take a Clock or a Random from #core as an argument; only main knows the real ones.',
    exempt: /^server\/src\/main\//,
    breach(node) {
      const name = member(node)?.join('.');
      if (name !== undefined && AMBIENT.has(name)) return `reads ${name}`;
      const isDate =
        (node.type === 'NewExpression' || node.type === 'CallExpression') && isNode(node.callee) && node.callee.value === 'Date';
      return isDate && argumentAt(node, 0) === null ? 'reads the time by an empty Date()' : null;
    },
    plant: { path: 'server/src/limits/planted-clock.ts', source: 'export const planted = Date.now();' },
  },
  {
    name: 'listeners-never-call-out',
    sentence: 'A listener imports the server half of a network module by name; calls out go through egress.',
    exempt: /^server\/src\/egress\//,
    breach(node) {
      const taken = valuesFrom(node, NETWORK).filter((name) => !SERVER_HALF.has(name));
      return taken.length > 0 ? `imports ${taken.join(', ')}, which can call out` : null;
    },
    plant: {
      path: 'server/src/gateway/planted-client.ts',
      source: "import { request } from 'node:http';\nexport const planted = request;",
    },
  },
  {
    name: 'sql-stays-in-stores',
    sentence: 'Write the query as a function in the room’s store folder.',
    exempt: /^server\/src\/(storage|[^/]+\/store)\//,
    breach(node) {
      const taken = valuesFrom(node, ['#storage']).filter((name) => RAW_SQL.has(name));
      return taken.length > 0 ? `imports ${taken.join(', ')} from #storage outside a store folder` : null;
    },
    plant: { path: 'server/src/limits/planted-sql.ts', source: "import { sql } from '#storage';\nexport const planted = sql;" },
  },
  {
    name: 'no-computed-imports',
    sentence: 'Name the module in the text, or the import rules can not see it.',
    exempt: /^server\/src\/main\//,
    breach(node) {
      const isComputed = node.type === 'CallExpression' && isLoader(node.callee) && literalText(argumentAt(node, 0)) === null;
      return isComputed ? 'loads a module whose name is computed' : null;
    },
    plant: { path: 'server/src/limits/planted-computed.ts', source: 'export const planted = (name: string) => import(name);' },
  },
];

const TEST = /\.test\.ts$|\/test\//;

export function scanRooms(files: readonly { readonly path: string; readonly text: string }[]): readonly ScanBreach[] {
  return files
    .filter(({ path }) => !TEST.test(path))
    .flatMap(({ path, text }) => {
      const rules = SCAN_RULES.filter((rule) => !rule.exempt.test(path));
      const breaches: ScanBreach[] = [];
      walk(parseSource(path, text), (node) => {
        for (const rule of rules) {
          const deed = rule.breach(node);
          if (deed !== null) breaches.push({ rule: rule.name, path, message: `${deed}. ${rule.sentence}` });
        }
      });
      return breaches;
    });
}
