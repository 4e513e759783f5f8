// The numbers of releases, which tell servers of two versions on one database apart.

import { describe, expect, it } from 'vitest';
import program from '../../../package.json' with { type: 'json' };
import server from '../../package.json' with { type: 'json' };
import { RELEASE, RELEASES, releaseOf } from './release.ts';

describe('the number of a release', () => {
  it('is the last of the list for the version that stands in package.json', () => {
    expect([program.version, RELEASE]).toEqual([server.version, RELEASES.length]);
  });

  it('does not change with a patch, and a version that was forgotten in the list is refused', () => {
    expect(releaseOf('0.1.7')).toBe(1);
    expect(() => releaseOf('99.0.0')).toThrow('RELEASES');
  });
});
