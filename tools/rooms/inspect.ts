// Looks at a tree of workspaces with dependency-cruiser and answers which import rules are broken and how much was looked at.
// INVARIANT: an import found by our own parse and unseen by dependency-cruiser is itself reported; a blind tool never passes.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IModule, type IViolation } from 'dependency-cruiser';
import { parseSource } from '../source/parse.ts';
import { importSpecifiers } from '../source/specifiers.ts';
import { RULES, sentenceOf } from './rules.ts';
import { type ScanBreach, scanRooms } from './scan.ts';

export interface Breach {
  readonly rule: string;
  readonly path: string;
  readonly message: string;
}

export interface RoomReport {
  readonly breaches: readonly Breach[];
  /** Modules of server/src that dependency-cruiser looked at. */
  readonly modules: number;
  /** TypeScript files that lie under server/src. */
  readonly files: number;
}

const WORKSPACES = ['server/src', 'console/src', 'demo', 'testkit', 'bench', 'tools', 'bin'];
const SKIPPED = '(^|/)(node_modules|vectors|peers)(/|$)';

/** Below this the tool was pointed at nothing: the core room alone has nearly as many files. */
const MIN_MODULES = 20;
const MIN_SHARE = 0.95;

async function cruiseTree(root: string): Promise<ICruiseResult> {
  const folders = WORKSPACES.filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(
    folders,
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...RULES] },
      parser: 'swc',
      tsPreCompilationDeps: true,
      detectProcessBuiltinModuleCalls: true,
      doNotFollow: { path: '(^|/)node_modules/' },
      exclude: { path: SKIPPED.replace('node_modules|', '') },
    },
    {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  );
  if (typeof output === 'string') throw new Error('dependency-cruiser answered in a form this tool does not read');
  return output;
}

function toBreach(violation: IViolation): Breach {
  const via = violation.cycle === undefined ? '' : ` (through ${violation.cycle.map((step) => step.name).join(' -> ')})`;
  return {
    rule: violation.rule.name,
    path: violation.from,
    message: `imports ${violation.unresolvedTo ?? violation.to}${via}. ${sentenceOf(violation.rule.name)}`,
  };
}

/** Imports that stand in the text and that dependency-cruiser did not list. */
function blindSpots(root: string, modules: readonly IModule[]): Breach[] {
  return modules
    .filter((module) => module.followable !== false && /\.ts$/.test(module.source) && !module.source.includes('node_modules'))
    .flatMap((module) => {
      const seen = new Set(module.dependencies.map((dependency) => dependency.module));
      const bare = (specifier: string): string => specifier.replace(/^node:/, '');
      return importSpecifiers(parseSource(module.source, readFileSync(join(root, module.source), 'utf8')))
        .filter((specifier) => !seen.has(specifier) && !seen.has(bare(specifier)))
        .map((specifier) => ({
          rule: 'imports-in-plain-sight',
          path: module.source,
          message: `imports ${specifier} in a form the import rules do not see. Write it as a plain import.`,
        }));
    });
}

export async function inspectRooms(root: string): Promise<RoomReport> {
  const result = await cruiseTree(root);
  const files = globSync('server/src/**/*.ts', { cwd: root }).filter((file) => !new RegExp(SKIPPED).test(file));
  const scanned: readonly ScanBreach[] = scanRooms(
    files.map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') })),
  );
  return {
    breaches: [...result.summary.violations.map(toBreach), ...blindSpots(root, result.modules), ...scanned],
    modules: result.modules.filter((module) => module.source.startsWith('server/src/') && module.couldNotResolve !== true).length,
    files: files.length,
  };
}

/** A tool that looked at nothing must fail, not pass. */
export function lookedAtTooLittle({ modules, files }: Pick<RoomReport, 'modules' | 'files'>): readonly string[] {
  const floor = Math.max(MIN_MODULES, Math.ceil(files * MIN_SHARE));
  return modules < floor ? [`looked at ${modules} modules of ${files} files, fewer than the ${floor} needed`] : [];
}
