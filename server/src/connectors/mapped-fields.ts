// The fields of a result as a manifest lists them, together with what the map of the API it names says about the others.
// INVARIANT: a map says what a field holds and never that it can be trusted: trust is what the manifest says of the place, or none.

import { type DataClass, dataClassSpec, type FieldMap, type OutputFieldSpec, type PiiClass, pathsInReply, recordOfPath } from '#core';
import { parseFieldPath, WHOLE_RESULT } from './field-path.ts';
import { covers } from './label-result.ts';
import type { ManifestSource, OperationSource } from './manifest-schema.ts';

const NO_RECORD = 'none';

/** What is wrong with the names of maps and records. */
export function mapProblems(source: ManifestSource, map: FieldMap | null, maps: readonly FieldMap[]): readonly string[] {
  if (source.fields !== undefined && map === null)
    return [`fields: there is no map of that name; there are ${maps.map(({ name }) => name).join(', ') || 'none'}`];
  return Object.entries(source.operations).flatMap(([name, { output }]) => {
    if (output.record === undefined) return [];
    if (map === null) return [`operations.${name}.output.record: the manifest names no map in \`fields\``];
    if (output.record === NO_RECORD || map.records.some((record) => record.name === output.record)) return [];
    return [`operations.${name}.output.record: the map has no such record; it has ${map.records.map((record) => record.name).join(', ')}`];
  });
}

interface Stated {
  readonly steps: readonly string[];
  readonly spec: OutputFieldSpec;
  /** Whether the manifest says what the field holds, and not only who writes it. */
  readonly saysWhat: boolean;
}

function unlistedField(unlisted: OperationSource['output']['unlisted']): readonly OutputFieldSpec[] {
  if (unlisted === 'worst') return [];
  return [{ path: WHOLE_RESULT, trusted: unlisted === 'trusted', pii: unlisted === 'trusted' ? [] : ['free_text'] }];
}

function together(classes: readonly (readonly PiiClass[])[]): readonly PiiClass[] {
  return [...new Set(classes.flat())];
}

function stated([path, field]: [string, OperationSource['output']['fields'][string]]): Stated {
  const dataClass = field.class as DataClass | undefined;
  return {
    steps: path.startsWith('**.') || path === WHOLE_RESULT ? [] : parseFieldPath(path),
    saysWhat: dataClass !== undefined || field.pii !== undefined,
    spec: {
      path,
      trusted: field.trusted,
      pii: together([dataClass === undefined ? [] : dataClassSpec(dataClass).pii, field.pii ?? []]),
      ...(dataClass === undefined ? {} : { dataClass }),
    },
  };
}

/** `covers` reads `*` of what is declared; two declared paths are the same only when written the same. */
function nearest(listed: readonly Stated[], steps: readonly string[]): Stated | undefined {
  return listed
    .filter((field) => field.steps.length > 0 && covers(field.steps, steps))
    .sort((left, right) => right.steps.length - left.steps.length)[0];
}

export function compileOutputFields(source: OperationSource, map: FieldMap | null): readonly OutputFieldSpec[] {
  const unlisted = unlistedField(source.output.unlisted);
  const listed = Object.entries(source.output.fields).map(stated);
  const record = map === null || source.output.record === NO_RECORD ? null : recordNamed(map, source);
  if (record === null) return [...unlisted, ...listed.map(({ spec }) => spec)];
  const mapped = pathsInReply(record).map(({ path, dataClass }): OutputFieldSpec => {
    const around = nearest(listed, parseFieldPath(path));
    return {
      path,
      trusted: around?.spec.trusted ?? unlisted[0]?.trusted ?? false,
      pii: together([dataClass === null ? [] : dataClassSpec(dataClass).pii, around?.spec.pii ?? []]),
      ...(dataClass === null ? {} : { dataClass }),
    };
  });
  const byPath = new Map(mapped.map((spec) => [spec.path, spec]));
  const own = listed.map(({ spec, saysWhat }) => {
    const said = byPath.get(spec.path);
    byPath.delete(spec.path);
    // The manifest's word on what a field holds stands; where it has none, the map's does.
    return saysWhat || said === undefined ? spec : { ...said, trusted: spec.trusted };
  });
  return [...unlisted, ...own, ...byPath.values()];
}

function recordNamed(map: FieldMap, source: OperationSource): FieldMap['records'][number] | null {
  if (source.output.record === undefined) return recordOfPath(map, source.path);
  return map.records.find(({ name }) => name === source.output.record) ?? null;
}
