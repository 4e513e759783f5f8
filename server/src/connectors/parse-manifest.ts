// Turns a written manifest into the compiled form, or says precisely what is wrong with it.
// Never repairs: a manifest with one mistake is refused whole.

import {
  type ArgumentSpec,
  canonicalJson,
  type Digest,
  type EntitySpec,
  type FieldMap,
  type JsonValue,
  type Manifest,
  type OperationSpec,
  type ReadBack,
  type Refusal,
  refuse,
} from '#core';
import { checkManifest } from './check-manifest.ts';
import { erasureProblems } from './erase-person.ts';
import { type ArgumentSource, type EntitySource, type ManifestSource, manifestSource, type OperationSource } from './manifest-schema.ts';
import { compileOutputFields, mapProblems } from './mapped-fields.ts';
import { parametersOf } from './path-template.ts';

const MAX_PROBLEMS = 20;
const OBJECT_KEY = '(object key)';

/** `maps`: those a manifest may name. What they say becomes part of the manifest and of its digest. */
export function parseManifest(source: unknown, digest: Digest, maps: readonly FieldMap[] = []): Manifest | Refusal {
  const parsed = manifestSource.safeParse(source);
  if (!parsed.success) {
    return invalid(parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'manifest'}: ${issue.message}`));
  }
  const map = maps.find(({ name }) => name === parsed.data.fields) ?? null;
  const unmapped = mapProblems(parsed.data, map, maps);
  if (unmapped.length > 0) return invalid(unmapped);
  const { entities, operations } = compile(parsed.data, map);
  const { name, protocol: kind, erases } = parsed.data;
  const problems = [...checkManifest(entities, operations), ...(erases === undefined ? [] : erasureProblems(erases, operations))];
  if (problems.length > 0) return invalid(problems);
  return sealManifest({ name, kind, entities, operations, ...(erases === undefined ? {} : { erases }) }, digest);
}

/** Adds the digest that every endorsement names. */
export function sealManifest(manifest: Omit<Manifest, 'digest'>, digest: Digest): Manifest {
  return Object.freeze({ ...manifest, digest: digest.sha256(canonicalJson(manifest as unknown as JsonValue)) });
}

function invalid(problems: readonly string[]): Refusal {
  const shown = problems.slice(0, MAX_PROBLEMS);
  const more = problems.length - shown.length;
  return refuse(
    'CONNECTORS_MANIFEST_INVALID',
    `The manifest can not be used: ${shown[0]}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''}.`,
    {
      problems: more > 0 ? [...shown, `${more} more not shown`] : shown,
    },
  );
}

function compile(source: ManifestSource, map: FieldMap | null): { entities: readonly EntitySpec[]; operations: readonly OperationSpec[] } {
  return {
    entities: Object.entries(source.entities).map(([name, entity]) => compileEntity(name, entity)),
    operations: Object.entries(source.operations).map(([name, operation]) => compileOperation(name, operation, map)),
  };
}

function compileEntity(name: string, source: EntitySource): EntitySpec {
  const { owner } = source;
  const key = source.within?.key ?? OBJECT_KEY;
  return {
    name,
    read: source.read ?? null,
    within: source.within === undefined ? null : { ...source.within, key: key === OBJECT_KEY ? 'object_key' : key },
    record: source.record ?? null,
    id: source.id ?? null,
    owner: typeof owner === 'string' && owner !== 'nobody' ? owner : null,
    ownerThrough: typeof owner === 'object' ? owner : null,
    version: source.version ?? null,
    remainder: source.remainder ?? null,
    ...(source.open === undefined ? {} : { open: source.open }),
  };
}

function compileOperation(name: string, source: OperationSource, map: FieldMap | null): OperationSpec {
  const inPath = parametersOf(source.path);
  return {
    name,
    effect: source.effect,
    method: source.method,
    path: source.path,
    arguments: Object.entries(source.arguments).map(([argumentName, argument]) => {
      const other = source.method === 'GET' || source.method === 'DELETE' ? 'query' : 'body';
      return compileArgument(argumentName, argument, inPath.includes(argumentName) ? 'path' : other);
    }),
    output: {
      trusted: source.output.unlisted === 'trusted',
      fields: compileOutputFields(source, map),
      maxBytes: source.output.maxBytes,
    },
    idempotencyHeader: source.idempotencyHeader ?? null,
    ...(source.readBack === undefined ? {} : { readBack: compileReadBack(source.readBack) }),
    returnsCustomer: source.returnsCustomer ?? null,
    needsReview: source.needsReview,
    ...(source.readers === undefined ? {} : { readers: source.readers }),
    ...(source.decision === undefined ? {} : { decision: source.decision }),
    sentence: source.sentence ?? (source.effect === 'read' || source.effect === 'fetch' ? `Read ${name}` : ''),
  };
}

function compileReadBack({ operation, argument, found, absentAfterSeconds }: NonNullable<OperationSource['readBack']>): ReadBack {
  return { operation, argument, found: found ?? null, absentAfterS: absentAfterSeconds ?? null };
}

function compileArgument(name: string, source: ArgumentSource, slot: ArgumentSpec['slot']): ArgumentSpec {
  const role = source.role;
  return {
    name,
    role,
    slot: source.in ?? slot,
    at: source.at ?? name,
    required: source.required,
    type: source.type,
    entity: source.entity ?? null,
    money: source.money === undefined ? null : { unit: source.money.unit, ...compileCurrency(source.money.currency) },
    targetRules: (source.targetRules ?? []).map((rule) => ({ kind: 'equals_field', ...rule })),
    otherTargets: source.otherTargets ?? 'refuse',
    maxBytes: source.maxBytes ?? DEFAULT_MAX_BYTES[role],
    enumValues: source.enum ?? null,
    ...(source.takes === undefined ? {} : { takes: source.takes }),
  };
}

function compileCurrency(
  currency: NonNullable<ArgumentSource['money']>['currency'],
): Pick<NonNullable<ArgumentSpec['money']>, 'currencyFrom' | 'value'> {
  if ('entity' in currency) return { currencyFrom: 'entity', value: currency.entity };
  if ('argument' in currency) return { currencyFrom: 'argument', value: currency.argument };
  return { currencyFrom: 'fixed', value: currency.fixed };
}

/** Bounds of an argument whose manifest states none: identifiers are short, texts are what a support message needs. */
export const DEFAULT_MAX_BYTES: Readonly<Record<ArgumentSpec['role'], number>> = {
  target: 512,
  selector: 2_048,
  amount: 32,
  secret: 512,
  attr: 1_024,
  when: 64,
  content: 16_384,
};
