// Each map that ships, on invented records of the shape its vendor documents: found without being named, and every field of them covered.

import { describe, expect, it } from 'vitest';
import { isDataClass, type JsonValue } from '#core';
import { lists } from '../test/lists.ts';
import { createClassifier } from './classify.ts';
import { FIELD_MAPS } from './maps.ts';
import { RECORDS } from './test/records.ts';

function classes(record: JsonValue, map: string | null = null) {
  const classifier = createClassifier({ maps: FIELD_MAPS, map, lists });
  classifier.add(record);
  return classifier.result();
}

describe('the maps that ship', () => {
  it('are bounded, cite the vendor’s pages, and give no path of a record two classes', () => {
    expect(FIELD_MAPS.map(({ name }) => name)).toEqual(['shopify', 'woocommerce', 'stripe', 'zendesk', 'klaviyo', 'hubspot', 'demo-shop']);
    for (const map of FIELD_MAPS) {
      expect(map.pages.length).toBeGreaterThan(0);
      expect(map.records.length).toBeLessThanOrEqual(16);
      for (const record of map.records) {
        expect(record.fields.length).toBeLessThanOrEqual(350);
        const paths = record.fields.map(({ path }) => path);
        expect([map.name, record.name, paths.filter((path, index) => paths.indexOf(path) !== index)]).toEqual([map.name, record.name, []]);
        expect(record.fields.every(({ dataClass }) => dataClass === null || isDataClass(dataClass))).toBe(true);
      }
    }
  });

  it('each have samples of what a shop has to do with', () => {
    expect(Object.keys(RECORDS).map((name) => name.split(' ')[0])).toEqual(
      expect.arrayContaining(['shopify', 'woocommerce', 'stripe', 'zendesk', 'klaviyo', 'hubspot', 'demo-shop']),
    );
  });

  for (const [name, { record, expected }] of Object.entries(RECORDS)) {
    it(`${name}: told by its fields, and labelled`, () => {
      const { fields, maps } = classes(record);
      expect(maps).toEqual({ [name]: 1 });
      const found = Object.fromEntries(fields.map(({ path, dataClass }) => [path, dataClass]));
      expect(found).toMatchObject(expected);
      expect(fields.filter(({ evidence }) => evidence.by !== 'map').map(({ path }) => path)).toEqual([]);
    });
  }

  it('a record of nobody’s API is given to no map', () => {
    expect(classes({ id: 1, email: 'ada@example.com', first_name: 'Ada', last_name: 'Quill', shoe: 42, wombat: 'x' }).maps).toEqual({});
  });
});
