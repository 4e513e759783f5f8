// How a kind of data and a region are called.

import { strings } from '../../strings/en.ts';

export const className = (dataClass: string): string => {
  const words = dataClass.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const regionName = (region: string): string => strings.data.map.regions[region] ?? region;
