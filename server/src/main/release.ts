// Which release this program is, as a number that a database can compare: each is one more than the release before it.

import server from '../../package.json' with { type: 'json' };

/** Every published `major.minor`, oldest first. A new one is added at the end with the version in package.json; none is ever taken out. */
export const RELEASES: readonly string[] = ['0.1'];

export function releaseOf(version: string): number {
  const [major, minor] = version.split('.');
  const place = RELEASES.indexOf(`${major}.${minor}`);
  // A database would take a program without a number for one of the first release.
  if (place === -1) throw new Error(`version ${version} is not in RELEASES`);
  return place + 1;
}

export const RELEASE = releaseOf(server.version);
