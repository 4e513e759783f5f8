// Makes the word lists of server/src/dlp/lists from public data in one folder: `node tools/word-lists.ts FOLDER`. Downloads nothing.
// What lies in the folder, where it comes from and under which licence stands in SOURCES; the README of the lists repeats it.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { foldText } from '../server/src/dlp/index.ts';

interface Source {
  readonly file: string;
  readonly from: string;
  readonly licence: string;
  readonly list: 'given' | 'family' | 'words' | 'places';
  /** Words of the file that count often enough to be worth their place. */
  read(text: string): Iterable<string>;
}

const lines = (text: string): string[] =>
  text
    .replace(/^\ufeff/, '')
    .trim()
    .split(/\r?\n/);

/** First column of a list in order of frequency. */
function top(text: string, count: number): string[] {
  return lines(text)
    .slice(0, count)
    .map((line) => line.split(/\s+/)[0] as string);
}

/** Names of a table whose counts add up to `least`. */
function counted(text: string, columns: { name: number; count: number; separator?: string }, least: number): string[] {
  const sums = new Map<string, number>();
  for (const line of lines(text)) {
    const cells = line.split(columns.separator ?? ',');
    const name = (cells[columns.name] ?? '').trim();
    const count = Number(cells[columns.count]);
    if (Number.isFinite(count)) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums].filter(([name, count]) => count >= least && !name.startsWith('_')).map(([name]) => name);
}

function cells(text: string, columns: readonly number[]): string[] {
  return lines(text)
    .slice(1)
    .flatMap((line) => {
      const row = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) => (match[1] as string).replace(/^"|"$/g, ''));
      return columns.flatMap((column) => (row[column] ?? '').split(/[\s,/()-]+/));
    });
}

const CENSUS = 'https://www.census.gov/topics/population/genealogy/data.html';
const COUNTRIES = 'https://github.com/sigpwned/popular-names-by-country-dataset';
const SPAIN = 'https://www.ine.es/dyngs/INEbase/es/operacion.htm?c=Estadistica_C&cid=1254736177009';

export const SOURCES: readonly Source[] = [
  { file: 'dist.male.first', from: CENSUS, licence: 'public domain', list: 'given', read: (text) => top(text, 1219) },
  { file: 'dist.female.first', from: CENSUS, licence: 'public domain', list: 'given', read: (text) => top(text, 3000) },
  { file: 'dist.all.last', from: CENSUS, licence: 'public domain', list: 'family', read: (text) => top(text, 6000) },
  {
    file: 'Names_2010Census.csv',
    from: 'https://www.census.gov/topics/population/genealogy/data/2010_surnames.html',
    licence: 'public domain',
    list: 'family',
    read: (text) => counted(text, { name: 0, count: 2 }, 1_500),
  },
  {
    // `name,count`, the yearly files of names.zip added up.
    file: 'yob-all.csv',
    from: 'https://www.ssa.gov/oact/babynames/limits.html',
    licence: 'public domain',
    list: 'given',
    read: (text) => counted(text, { name: 0, count: 1 }, 1_200),
  },
  { file: 'common-forenames-by-country.csv', from: COUNTRIES, licence: 'CC0 1.0', list: 'given', read: (text) => cells(text, [10, 11]) },
  { file: 'common-surnames-by-country.csv', from: COUNTRIES, licence: 'CC0 1.0', list: 'family', read: (text) => cells(text, [4, 5]) },
  {
    file: 'nat2020.csv',
    from: 'https://www.insee.fr/fr/statistiques/2540004',
    licence: 'Licence Ouverte 2.0',
    list: 'given',
    read: (text) => counted(text, { name: 1, count: 3, separator: ';' }, 250),
  },
  {
    file: 'hombres.csv',
    from: SPAIN,
    licence: 'CC BY 4.0 (INE)',
    list: 'given',
    read: (text) => counted(text, { name: 0, count: 1 }, 150),
  },
  {
    file: 'mujeres.csv',
    from: SPAIN,
    licence: 'CC BY 4.0 (INE)',
    list: 'given',
    read: (text) => counted(text, { name: 0, count: 1 }, 150),
  },
  {
    file: 'apellidos.csv',
    from: SPAIN,
    licence: 'CC BY 4.0 (INE)',
    list: 'family',
    read: (text) => counted(text, { name: 0, count: 1 }, 400),
  },
  {
    // All files of data/cleaned in one folder.
    file: 'berlin',
    from: 'https://github.com/berlinonline/haeufige-vornamen-berlin',
    licence: 'CC BY 3.0 DE (LABO Berlin / BerlinOnline)',
    list: 'given',
    read: (text) => counted(text, { name: 0, count: 1 }, 12),
  },
  {
    // `name,population` of GeoNames' cities15000.
    file: 'cities.csv',
    from: 'https://download.geonames.org/export/dump/',
    licence: 'CC BY 4.0 (GeoNames)',
    list: 'places',
    read: (text) => counted(text, { name: 0, count: 1 }, 30_000),
  },
  {
    file: 'american-english-small',
    from: 'http://wordlist.aspell.net/ (SCOWL, Debian package wamerican-small)',
    licence: 'SCOWL',
    list: 'words',
    read: (text) => lines(text).filter((word) => /^[a-z]{2,}$/.test(word)),
  },
];

/** Small words of our languages that registers list as names too; they would make names of half of all sentences. */
const NO_NAMES = new Set(
  `the and you your for from with not but was are has had have his her its our out who why how all any can did she they this that these those there here what when where which
  yes der die das und ist sind war nicht ich sie wir mein mit von bitte wann wie ein eine einen den dem auf im hat les des est une que qui sur aux los las del una uno con por para como
  gli dei con che non sono mia mio suo het een van voor met dat die aan bij mijn naar als dan wat san santa mrs baby girl boy male female unknown unnamed infant test info not none
  hola bonjour hallo ciao gracias merci danke grazie soy sono mas muy sin bien buen buena bon bonne team shop best dear sir mister monsieur madame frau herr senor senora`.split(
    /\s+/,
  ),
);

/** Forms that an ending explains are left out: `createNameLists` takes the endings off again. */
function stems(word: string): readonly string[] {
  const cut: readonly (readonly [RegExp, string])[] = [
    [/s$/, ''],
    [/es$/, ''],
    [/ies$/, 'y'],
    [/ed$/, ''],
    [/d$/, ''],
    [/ing$/, ''],
    [/ing$/, 'e'],
    [/ly$/, ''],
  ];
  return cut.map(([ending, instead]) => word.replace(ending, instead)).filter((stem) => stem !== word && stem.length > 2);
}

function wrapped(words: Iterable<string>): string {
  let [all, line] = ['', ''];
  for (const word of [...words].sort()) {
    if (line.length + word.length > 150) [all, line] = [`${all}${line.trim()}\n`, ''];
    line += `${word} `;
  }
  return `${all}${line.trim()}\n`;
}

function textOf(path: string): string {
  const entries = existsSync(`${path}/`) ? readdirSync(path).map((name) => `${path}/${name}`) : [path];
  return entries.map((entry) => readFileSync(entry, 'utf8')).join('\n');
}

const NAMES: Readonly<Record<Source['list'], string>> = {
  given: 'given-names',
  family: 'family-names',
  words: 'english-words',
  places: 'places',
};

function main(folder: string): void {
  const missing = SOURCES.filter(({ file }) => !existsSync(`${folder}/${file}`));
  if (missing.length > 0) {
    for (const { file, from } of missing) console.error(`${file} is missing: ${from}`);
    process.exit(1);
  }
  const lists: Record<Source['list'], Set<string>> = { given: new Set(), family: new Set(), words: new Set(), places: new Set() };
  for (const { file, list, read } of SOURCES) {
    for (const name of read(textOf(`${folder}/${file}`))) {
      const folded = foldText(name);
      // Places of several words are kept as one entry with hyphens, which the reader of the list turns back.
      if (list !== 'words' && NO_NAMES.has(folded)) continue;
      const word = list === 'places' ? folded.replace(/[ '’]+/g, '-') : folded;
      if (
        /^[a-z]{3,}$/.test(word) ||
        (list === 'words' && /^[a-z]{2}$/.test(word)) ||
        (list === 'places' && /^[a-z][a-z-]{2,30}$/.test(word))
      )
        lists[list].add(word);
    }
  }
  const words = lists.words;
  const kept = [...words].filter((word) => !stems(word).some((stem) => words.has(stem)));
  for (const list of ['given', 'family', 'places'] as const) {
    writeFileSync(new URL(`../server/src/dlp/lists/${NAMES[list]}.txt`, import.meta.url), wrapped(lists[list]));
    console.log(`${NAMES[list]}: ${lists[list].size}`);
  }
  writeFileSync(new URL(`../server/src/dlp/lists/${NAMES.words}.txt`, import.meta.url), wrapped(kept));
  console.log(`${NAMES.words}: ${kept.length}`);
}

if (process.argv[2] === undefined) console.error('node tools/word-lists.ts FOLDER');
else main(process.argv[2]);
