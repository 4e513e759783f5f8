import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readTemplate, SAMPLE_WORKFLOW, sampleBundle } from './sample-bundle.ts';

describe('the workflow of the demo', () => {
  it('is the support template under a name of its own, comments included', () => {
    const template = readTemplate();
    const files = sampleBundle(template, null);
    const written = files['workflow.yaml'] as string;
    expect(Object.keys(files)).toEqual(Object.keys(template));
    expect({ ...parse(written), name: 'support-reply' }).toEqual(parse(template['workflow.yaml'] as string));
    expect(parse(written).name).toBe(SAMPLE_WORKFLOW);
    expect(written).toContain('# Whose case it is');
  });

  it('asks the chosen model of the chosen integration in every step, and no other', () => {
    const written = parse(sampleBundle(readTemplate(), { integration: 'openai', model: 'gpt-x' })['workflow.yaml'] as string);
    expect(written.uses.models).toEqual({ 'gpt-x': 'openai' });
    expect(JSON.stringify(written.steps)).not.toContain('captured-1');
    expect(JSON.stringify(written.steps)).toContain('"model":"gpt-x"');
  });
});
