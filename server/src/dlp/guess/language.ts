// Which language a text is written in, from its function words, where the caller does not say.

export type Language = 'en' | 'de' | 'fr' | 'es' | 'it' | 'nl';

const LANGUAGES: readonly Language[] = ['en', 'de', 'fr', 'es', 'it', 'nl'];

const FUNCTION_WORDS: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: set('the and is are was were you your have has had not this that with for from my please would could what when how to of it'),
  de: set('der die das und ist sind war nicht ich sie wir mein meine ihre mit fur von bitte wann wie ein eine einen den dem zu auf im hat'),
  fr: set('le la les et est sont etait pas je vous nous mon ma votre avec pour de des du merci quand comment un une que qui sur au aux ne'),
  es: set('el la los las y es son era no yo usted mi su con para de del por favor cuando como un una que en se lo gracias al ha'),
  it: set('il lo la gli e sono era non io lei mio mia suo con per di del della quando come un una che in si grazie al ha ho nel'),
  nl: set('de het en is zijn was niet ik u wij mijn uw met voor van graag wanneer hoe een dat die op in te heb heeft naar aan bij'),
};
/** Enough to tell; more would cost without saying more. */
const MAX_WORDS = 200;

function set(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

export function isLanguage(value: string): value is Language {
  return (LANGUAGES as readonly string[]).includes(value);
}

/** English unless another language is clearly ahead. */
export function languageOf(words: readonly { readonly folded: string }[]): Language {
  let best: Language = 'en';
  let most = 0;
  for (const language of LANGUAGES) {
    let count = 0;
    for (let at = 0; at < words.length && at < MAX_WORDS; at += 1) {
      if (FUNCTION_WORDS[language].has((words[at] as { folded: string }).folded)) count += 1;
    }
    if (count > most) [best, most] = [language, count];
  }
  return best;
}
