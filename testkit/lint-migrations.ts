// Reads the SQL of every migration and says which ones would stop the servers that run, or break those of the version before.
// INVARIANT: it judges text, so a form it does not know passes; a table counts as new only in the migration that makes it.

import type { Migration } from '../server/src/storage/index.ts';

export interface Finding {
  readonly migration: string;
  readonly rule: string;
  readonly statement: string;
}

/** The statements of a text, without comments. Quoted text and function bodies stay whole; the body of a DO block is looked into. */
export function statementsOf(text: string): readonly string[] {
  const statements: string[] = [];
  let current = '';
  const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$[a-z_]*\$)([\s\S]*?)\1|;/giy;
  for (let at = 0; at < text.length; ) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) {
      current += text[at];
      at += 1;
      continue;
    }
    const [whole, , body] = found;
    at += whole.length;
    if (whole === ';') {
      statements.push(current);
      current = '';
    } else if (whole.startsWith('--') || whole.startsWith('/*')) current += ' ';
    else if (body !== undefined && /^\s*do\s*$/i.test(current))
      statements.push(...statementsOf(body.replace(/\b(?:begin|end|then|exception)\b/gi, ';')));
    else current += body === undefined ? whole : ' $body$ ';
  }
  statements.push(current);
  return statements.map((statement) => statement.replace(/\s+/g, ' ').trim().toLowerCase()).filter((statement) => statement !== '');
}

interface Rule {
  readonly name: string;
  /** The table it is about, when the rule is for tables that were there before; null when the statement is fine. */
  readonly breaks: (statement: string) => string | null;
}

const NAME = '(?:public\\.)?([a-z_][a-z0-9_]*)';
const pattern =
  (text: string) =>
  (statement: string): string | null =>
    new RegExp(text.replaceAll('NAME', NAME)).exec(statement)?.[1] ?? null;

/** Each action of `alter table t a, b, c`, so that one good action does not hide a bad one. */
function actions(statement: string): { readonly table: string; readonly list: readonly string[] } | null {
  const found = new RegExp(`^alter table (?:if exists )?(?:only )?${NAME} (.*)$`).exec(statement);
  if (found === null) return null;
  const list: string[] = [];
  let depth = 0;
  let current = '';
  for (const char of found[2] ?? '') {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === ',' && depth === 0) {
      list.push(current.trim());
      current = '';
    } else current += char;
  }
  return { table: found[1] ?? '', list: [...list, current.trim()] };
}

const alters =
  (isBad: (action: string) => boolean) =>
  (statement: string): string | null => {
    const altered = actions(statement);
    return altered?.list.some(isBad) === true ? altered.table : null;
  };

const isNewColumn = (action: string): boolean => /^add (?!constraint|check|unique|primary|foreign|exclude)(?:column )?/.test(action);
const hasConstraint = (action: string): boolean => /\b(?:unique|check|references|primary key|exclude)\b/.test(action);
const VOLATILE = /default [^,]*\b(?:clock_timestamp|random|gen_random_uuid|uuidv7|nextval)\b|generated (?:always|by default) as/;

const RULES: readonly Rule[] = [
  { name: 'drop-table', breaks: pattern('^drop (?:table|view|materialized view|sequence) (?:if exists )?NAME') },
  { name: 'drop-column', breaks: alters((action) => /^drop (?!constraint\b)(?:column )?(?:if exists )?[a-z_]/.test(action)) },
  { name: 'rename', breaks: pattern('^alter (?:table|view|index|function) (?:if exists )?NAME.* rename ') },
  { name: 'alter-type', breaks: alters((action) => /^alter (?:column )?\S+ (?:set data )?type\b/.test(action)) },
  { name: 'set-not-null', breaks: alters((action) => /^alter (?:column )?\S+ set not null\b/.test(action)) },
  {
    name: 'required-column',
    breaks: alters((action) => isNewColumn(action) && /\bnot null\b/.test(action) && !/\bdefault\b/.test(action)),
  },
  { name: 'rewrites-table', breaks: alters((action) => isNewColumn(action) && VOLATILE.test(action)) },
  {
    name: 'checks-all-rows',
    breaks: alters((action) => action.startsWith('add ') && hasConstraint(action) && !/\bnot valid$/.test(action)),
  },
  {
    name: 'index-locks-writers',
    breaks: pattern('^create (?:unique )?index (?!concurrently)(?:if not exists )?(?:\\S+ )?on (?:only )?NAME'),
  },
  { name: 'changes-all-rows', breaks: pattern('^(?:update|delete from|truncate(?: table)?) (?:only )?NAME') },
  { name: 'locks-table', breaks: pattern('^(?:lock(?: table)?|cluster|reindex(?: table)?(?! concurrently)|vacuum full) NAME') },
  { name: 'takes-right-away', breaks: pattern('^revoke .* on (?:table )?NAME from (?!public)') },
];

/** Every breach of every expanding migration, in the order they run. A contracting one may take away, and still not stop the servers. */
export function lintMigrations(migrations: readonly Migration[]): readonly Finding[] {
  const ordered = migrations.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const findings: Finding[] = [];
  for (const migration of ordered) {
    const statements = statementsOf(migration.sql);
    const made = new Set(
      statements.flatMap((statement) => new RegExp(`^create table (?:if not exists )?${NAME}`).exec(statement)?.[1] ?? []),
    );
    const rules = migration.phase === 'contract' ? RULES.filter(({ name }) => STOPS_SERVERS.has(name)) : RULES;
    for (const statement of statements) {
      for (const rule of rules) {
        const table = rule.breaks(statement);
        if (table !== null && !made.has(table))
          findings.push({ migration: migration.id, rule: rule.name, statement: statement.slice(0, 160) });
      }
    }
  }
  return findings;
}

/** These hold a lock for as long as the table is large, whatever the phase. */
const STOPS_SERVERS: ReadonlySet<string> = new Set([
  'alter-type',
  'rewrites-table',
  'checks-all-rows',
  'index-locks-writers',
  'changes-all-rows',
  'locks-table',
]);
