// Words that are names or places as well as ordinary words. In lower case they are taken for the word, not the name.
// A list of everyday words, written by hand; it decides nothing about who is a person.

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/).filter((word) => word !== ''));
}

export const ORDINARY_WORDS: ReadonlySet<string> = words(`
  will mark may april june july august summer autumn winter spring rose grace hope joy faith art bill rich frank grant chase dale lane
  page price rice young long short brown black white green gray grey king knight fox wolf bird love day sunny dawn iris ivy lily daisy
  violet olive ruby pearl amber jade crystal gene guy miles penny reed rock rod rusty sandy skip sky star sterling stone storm van ward
  watt wells west wood woods worth angel baker barber bell bishop bond bush carpenter case cash church clay cook cross drive duke earl
  early ember field fields ford forest gold good goods hall hand hardy hart hay hill holly house hunt judge just keen kind lamb land law
  little lord major marsh mercy mild mill miller mills moon moss new north park parks patience peace pond pope potter power prior prince
  queen reader rivers root rush sage say sharp shepherd sing singer small smart snow south spear steel stern stark strange street strong
  sweet swift temple tidy trick true trust valley wall way weaver wise wren yard gift hail link tag tab chip don herb pace sonny tiger
  nice reading bath mobile orange buffalo phoenix split essen singen deal sale ware hove normal sandwich battle rye hull ham tours
  angers lens gap die bra este como prato campo male poole troy home post best more less many much most some such than that them then
  they this was were what when where which who whom whose why with you your the and but for not are can did has had her him his its our
  out own per she too two use yet any all bar box car key kid let lot map men mix net off old one pan pay pen pet pin pop pot put red
  run sea set sir six son sun tea ten tie tin tip top toy try war web wet win yes klein gross lang kurz schwarz weiss braun roth kaiser
  koch petit grand blanc noir rouge bianco nero rosso rossi blanco paz sol luz mar amor groot berg bos vos jong oud`);

/** Particles of family names; alone they name nobody. */
export const PARTICLES: ReadonlySet<string> = words(`
  de del della der den des di do dos da das du van von vom zu zum zur ter ten te la le las los les el al bin ibn abu y e i und and und et
  san santa saint st sankt mr mrs ms dr prof herr frau jr sr ii iii iv`);
