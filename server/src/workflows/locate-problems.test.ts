// Mistakes of an import by file and line.

import { describe, expect, it } from 'vitest';
import { isRefusal } from '#core';
import { readTemplate } from '../../../testkit/workflow-world/index.ts';
import { openBundle } from './bundle.ts';
import { withPlaces } from './locate-problems.ts';
import { parseDefinition } from './parse-definition.ts';

const template = readTemplate('support-reply');
const written = template['workflow.yaml'] as string;

function placesOf(files: Record<string, string>): readonly string[] {
  const bundle = openBundle(files);
  if (isRefusal(bundle)) throw new Error(bundle.reason);
  const parsed = parseDefinition(bundle);
  if (!isRefusal(parsed)) throw new Error('the bundle has no mistake');
  return withPlaces(bundle, parsed).evidence.where as readonly string[];
}
const lineOf = (yaml: string, text: string): string => `workflow.yaml:${yaml.slice(0, yaml.indexOf(text)).split('\n').length}`;

describe('where a mistake stands', () => {
  it.each<[string, (yaml: string) => string, string]>([
    [
      'a step that names an unlisted operation',
      (yaml) => yaml.replace('orders.list, ', ''),
      'call: { integration: demo-shop, operation: orders.list',
    ],
    ['an expression deep inside', (yaml) => yaml.replace('body: steps.ticket.value.body', 'body: "1 +"'), 'body: "1 +"'],
    ['a tool by its name', (yaml) => yaml.replace('operation: orders.get,', 'operation: orders.gone,'), '- { name: get_order'],
    ['a value of the head', (yaml) => yaml.replace('sallyport.dev/v1', 'sallyport.dev/v9'), 'apiVersion'],
  ])('is the line of %s', (_what, change, text) => {
    const yaml = change(written);
    expect(yaml).not.toBe(written);
    const line = lineOf(yaml, text);
    expect(placesOf({ ...template, 'workflow.yaml': yaml })[0]).toBe(line);
  });

  it('is the line at which the text stops being YAML', () => {
    expect(placesOf({ ...template, 'workflow.yaml': 'a: 1\nb: [1, 2\nc: 3\n' })[0]).toMatch(/^workflow\.yaml:[23]$/);
  });

  it('is the file itself when no step uses it', () => {
    expect(placesOf({ ...template, 'notes.txt': 'x' })).toEqual(['notes.txt']);
  });
});
