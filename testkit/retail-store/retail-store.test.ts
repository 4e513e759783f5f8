import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../index.ts';
import { startRetailStore } from './index.ts';

interface Task {
  user_id: string;
  actions: { name: string; arguments: Record<string, unknown>; ok: boolean; read_only: boolean }[];
}

describe('the retail store', () => {
  it('accepts exactly the recorded calls its source accepted', async (context) => {
    const folder = sharedData('tau-bench-retail');
    if (folder === null) return context.skip('the shared data folder is absent');
    const store = await startRetailStore({ folder });
    try {
      const different: string[] = [];
      let seen = 0;
      for (const file of ['tasks-dev.json', 'tasks-train.json']) {
        for (const task of JSON.parse(readFileSync(join(folder, file), 'utf8')) as Task[]) {
          store.reset();
          for (const action of task.actions.filter((entry) => !entry.read_only)) {
            seen += 1;
            const outcome = store.call(action.name, action.arguments);
            if (outcome?.ok !== action.ok && !['calculate', 'think', 'transfer_to_human_agents'].includes(action.name)) {
              different.push(`${file}: ${action.name} recorded ${action.ok}`);
            }
          }
        }
      }
      expect(seen).toBeGreaterThan(500);
      expect(different).toEqual([]);
    } finally {
      await store.close();
    }
  });
});
