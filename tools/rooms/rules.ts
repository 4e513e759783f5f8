// Turns the table of rooms into dependency-cruiser rules, each with a name and the sentence a person reads when it fires.
// Decides nothing by itself: levels, denials and owners stand in table.ts.

import type { IForbiddenRuleType } from 'dependency-cruiser';
import { CAPABILITIES, type Capability, importable, ROOMS } from './table.ts';

/** Files that run only under the test runner. Levels and front doors bind them too; capabilities do not. */
export const TEST_FILE = '(\\.test\\.ts$|/test/)';
const PRODUCT = '^(server/src|demo|bin)/';

function levelRules(): IForbiddenRuleType[] {
  return ROOMS.flatMap((room) => {
    const allowed = importable(room.name);
    const forbidden = ROOMS.filter((other) => other.name !== room.name && !allowed.includes(other.name)).map((other) => other.name);
    if (forbidden.length === 0) return [];
    return [
      {
        name: `${room.name}-looks-down`,
        comment: `${room.name} stands on level ${room.level} and may import ${allowed.join(', ') || 'no other room'}. Take what you need as an argument or a port.`,
        severity: 'error',
        from: { path: `^server/src/${room.name}/` },
        to: { path: `^server/src/(${forbidden.join('|')})/` },
      },
    ];
  });
}

function capabilityRule(capability: Capability): IForbiddenRuleType {
  return {
    name: capability.name,
    comment: capability.sentence,
    severity: 'error',
    from: { path: '^server/src/', pathNot: [`^server/src/(${capability.owners.join('|')})`, TEST_FILE] },
    to: { path: [...capability.modules], ...(capability.allowsTypes ? { dependencyTypesNot: ['type-only'] } : {}) },
  };
}

const pure = ROOMS.filter((room) => room.isPure).map((room) => room.name);

const STRUCTURE: readonly IForbiddenRuleType[] = [
  {
    name: 'entry-joins-by-front-doors',
    comment:
      'The entry of the program joins cli and main; it enters every room by its front door, and cli also by its small door for commands that need no server.',
    severity: 'error',
    from: { path: '^server/src/entry\\.ts$' },
    to: { path: '^server/src/', pathNot: ['^server/src/[^/]+/index\\.ts$', '^server/src/cli/offline\\.ts$'] },
  },
  {
    name: 'nothing-imports-the-entry',
    comment: 'The entry stands above every room; only the launcher starts it.',
    severity: 'error',
    from: { pathNot: ['^bin/', TEST_FILE] },
    to: { path: '^server/src/entry\\.ts$' },
  },
  {
    name: 'pure-rooms-touch-no-node',
    comment: `${pure.join(', ')} are pure: no built-in module, so that they can reach neither a file, nor the network, nor a secret.`,
    severity: 'error',
    from: { path: `^server/src/(${pure.join('|')})/`, pathNot: [TEST_FILE] },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'front-door-only',
    comment: 'Another room is entered through its index.ts; what it does not export is its own business.',
    severity: 'error',
    from: { path: '^server/src/([^/]+)/' },
    to: { path: '^server/src/', pathNot: ['^server/src/$1/', '^server/src/[^/]+/index\\.ts$'] },
  },
  {
    name: 'rooms-by-name',
    comment: 'Another room is imported by its name (#room), never by a path, so that moving a file breaks nobody.',
    severity: 'error',
    from: { path: '^server/src/([^/]+)/' },
    to: { path: '^server/src/', pathNot: ['^server/src/$1/'], dependencyTypesNot: ['aliased-subpath-import'] },
  },
  {
    name: 'siblings-inside-a-room',
    comment: 'Inside a room files import their siblings, never their own front door.',
    severity: 'error',
    from: { path: '^server/src/([^/]+)/', pathNot: [TEST_FILE] },
    to: { path: '^server/src/$1/index\\.ts$' },
  },
  {
    name: 'front-door-for-outsiders',
    comment: 'Test kit, benches and tools enter a room through its index.ts as every room does.',
    severity: 'error',
    from: { path: '^(testkit|bench|tools)/' },
    to: { path: '^server/src/', pathNot: ['^server/src/[^/]+/index\\.ts$'] },
  },
  {
    name: 'no-cycles',
    comment: 'Nothing imports itself through others, not even by a type.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'resolves',
    comment: 'An import that leads nowhere is checked by no other rule.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'declared-packages',
    comment: 'Product code imports only packages its own package.json declares for running.',
    severity: 'error',
    from: { path: PRODUCT, pathNot: [TEST_FILE] },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
  },
  {
    name: 'demo-imports-no-room',
    comment: 'The demo programs stand for the outside world: they know no room, or they would prove nothing.',
    severity: 'error',
    from: { path: '^demo/' },
    to: { path: ['^server/', '(^|/)node_modules/@sallyport/server(/|$)'] },
  },
  {
    name: 'demo-only-from-cli-and-main',
    comment: 'No room may lean on a demo program; cli and main start it.',
    severity: 'error',
    from: { path: '^server/src/', pathNot: ['^server/src/(cli|main)/', TEST_FILE] },
    to: { path: ['^demo/', '(^|/)node_modules/@sallyport/demo(/|$)'] },
  },
  {
    name: 'testkit-only-from-tests',
    comment: 'The test kit fixes clocks and starts fakes; product code must not even know it.',
    severity: 'error',
    from: { path: PRODUCT, pathNot: [TEST_FILE] },
    to: { path: ['^testkit/', '(^|/)node_modules/@sallyport/testkit(/|$)'] },
  },
  {
    name: 'tests-are-leaves',
    comment: 'Nothing that ships imports a test.',
    severity: 'error',
    from: { pathNot: [TEST_FILE] },
    to: { path: TEST_FILE, pathNot: ['(^|/)node_modules/'] },
  },
  {
    name: 'console-knows-the-api-only',
    comment: 'The console is a page in a browser: it imports nothing of the server, and the server hands out only its built files.',
    severity: 'error',
    from: { path: '^console/src/' },
    to: { path: '^(server|demo|testkit|tools|bench)/' },
  },
  {
    name: 'product-knows-no-tools',
    comment: 'Server and demo run without tools, benches and other workspaces.',
    severity: 'error',
    from: { path: PRODUCT },
    to: { path: '^(tools|bench|console|sdk|examples)/' },
  },
];

export const RULES: readonly IForbiddenRuleType[] = [...levelRules(), ...CAPABILITIES.map(capabilityRule), ...STRUCTURE];

/** The sentence of a rule. */
export function sentenceOf(name: string): string {
  return RULES.find((rule) => rule.name === name)?.comment ?? '';
}
