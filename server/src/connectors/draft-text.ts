// Writes a draft as YAML that people read: every line that was guessed says so at its end, and on what evidence.

import type { DraftField, ManifestDraft } from './draft-manifest.ts';
import { FIELD_PATH } from './field-path.ts';

/** Names from a stranger's document are quoted; control characters can not end a line or a comment. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function comment(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove.
  return `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, 300)}`;
}

/** Lines of `fields`, each a guess to review; fields nothing is known of stay out, at the worst label, and are named. */
export function fieldLines(fields: readonly DraftField[], indent: string): readonly string[] {
  const fits = fields.filter(({ path }) => path.length <= 200 && FIELD_PATH.test(path));
  const others = fields.filter((field) => !fits.includes(field));
  const known = fits.filter(({ said }) => said !== null);
  const unknown = fits.filter(({ said }) => said === null);
  return [
    ...known.map(({ path, dataClass, said }) => {
      const what = dataClass === null ? 'pii: []' : `class: ${dataClass}`;
      return `${indent}${quoted(path)}: { trusted: false, ${what} } ${comment(`review: ${said}`)}`;
    }),
    ...(unknown.length === 0 ? [] : [`${indent}${comment('Nothing is known of these; they keep the worst label until you list them:')}`]),
    ...unknown.map(({ path }) => `${indent}${comment(path)}`),
    ...(others.length === 0 ? [] : [`${indent}${comment('A manifest has no way to name these; they keep the worst label:')}`]),
    ...others.map(({ path, dataClass }) => `${indent}${comment(`${path}${dataClass === null ? '' : `: ${dataClass}`}`)}`),
  ];
}

export function manifestText(draft: ManifestDraft, map: string | null): string {
  const lines = [
    comment('Draft of a manifest, made from an OpenAPI document by `sallyport classify --draft`. Every line marked "review" is a guess.'),
    comment('Operations with needsReview: true are refused. Read each, correct it, and take the line away.'),
    'apiVersion: sallyport.dev/v1',
    'kind: Integration',
    `name: ${quoted(draft.name)} ${comment('review')}`,
    `description: ${quoted(draft.title)}`,
    ...(map === null ? [] : [`fields: ${map}`]),
    'operations:',
  ];
  for (const operation of draft.operations) {
    lines.push(
      `  ${quoted(operation.name)}:`,
      '    needsReview: true',
      `    effect: ${operation.effect} ${comment(`review: ${operation.why}`)}`,
      `    method: ${operation.method}`,
      `    path: ${quoted(operation.path)}`,
    );
    if (operation.leftOut > 0)
      lines.push(`    ${comment(`review: ${operation.leftOut} parameters or fields have no place in a manifest and are left out`)}`);
    if (operation.arguments.length > 0) lines.push('    arguments:');
    for (const argument of operation.arguments) {
      const at = argument.at === argument.name ? '' : `, at: ${quoted(argument.at)}`;
      const optional = argument.required ? '' : ', required: false';
      lines.push(
        `      ${quoted(argument.name)}: { role: ${argument.role}, in: ${argument.in}, type: ${argument.type}${at}${optional} } ${comment('review')}`,
      );
    }
    if (operation.effect !== 'read')
      lines.push(`    sentence: ${quoted(`Call ${operation.name}`)} ${comment('review: what approvers read')}`);
    lines.push('    output:', '      unlisted: worst');
    const known = fieldLines(operation.fields, '        ');
    if (known.some((line) => line.includes('trusted:'))) lines.push('      fields:');
    lines.push(...known);
  }
  for (const { operation, why } of draft.skipped) lines.push(comment(`Left out: ${operation}: ${why}`));
  return `${lines.join('\n')}\n`;
}
