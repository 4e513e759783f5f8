// The tests of the shipped templates pass in a throw-away installation, and a test that promises too much fails with what differs.

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../../testkit/workflow-world/index.ts';
import { testWorkflow } from './workflow-test.ts';

const TEMPLATES = readdirSync(resolve(import.meta.dirname, '..', '..', 'templates'));

describe('sallyport workflows test', () => {
  it.each(TEMPLATES)('every test of the template %s passes', async (name) => {
    const report = await testWorkflow(readTemplate(name), () => {});
    expect(report.results.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.passed).toBeGreaterThan(0);
  });

  it('tells what differs: effects, codes, whether a person was asked, and words of the reply', async () => {
    const files = readTemplate('support-reply');
    const promise = (files['tests/foreign-order.yaml'] as string)
      .replace('[ticket_replied]', '[refund 30.00]')
      .replace('[POLICY_FOREIGN_OBJECT]', '[]')
      .replace('state: done', 'state: done\n  waited: true\n  reply: { contains: [we paid], lacks: [the] }');
    const kept = Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith('tests/')));
    const report = await testWorkflow({ ...kept, 'tests/promise.yaml': promise }, () => {});
    expect(report).toMatchObject({ passed: 0, failed: 1 });
    const text = report.results[0]?.differences.join('\n') ?? '';
    for (const word of ['refund 30.00', 'POLICY_FOREIGN_OBJECT', 'a person was asked', 'we paid']) expect(text).toContain(word);
  });

  it('refuses a bundle without tests, and one whose test is none', async () => {
    const files = readTemplate('support-reply');
    const kept = Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith('tests/')));
    await expect(testWorkflow(kept, () => {})).rejects.toMatchObject({ code: 'MAIN_USAGE' });
    await expect(testWorkflow({ ...kept, 'tests/a.yaml': 'kind: nothing' }, () => {})).rejects.toMatchObject({
      code: 'WORKFLOWS_TEST_INVALID',
    });
  });
});
