// Words that say a street stands here, by language and by where they stand in its name. Public abbreviations of postal services and
// everyday words; extend a row to cover more of a country.

/** Stand last: `12 Garden Lane`. English; the kinds of thoroughfare that postal services of the US, UK, Canada and Australia know. */
const AFTER_EN =
  'street st road rd avenue ave av boulevard blvd drive dr lane ln court ct place pl square sq terrace ter parkway pkwy highway hwy way walk close crescent cres gardens garden grove mews hill hills row circle cir trail trl alley bypass causeway center centre cliff cliffs club common commons corner corners course cove coves creek crossing crossroad dale dam divide estate estates expressway extension extensions fall falls ferry field fields flat flats ford fords forest forge forges fork forks fort freeway garth gateway glen glens green greens harbor harbors haven heights hollow inlet island islands isle junction junctions key keys knoll knolls lake lakes land landing light lights loaf lock locks lodge loop mall manor manors meadow meadows mill mills mission motorway mount mountain mountains neck orchard oval overpass park parks pass passage path pike pine pines plain plains plaza point points port ports prairie radial ramp ranch rapid rapids rest ridge ridges river route rue run shoal shoals shore shores skyway spring springs spur spurs station stravenue stream streets summit throughway trace track trafficway tunnel turnpike underpass union unions valley valleys viaduct view views village villages ville vista walks wall ways well wells bend bluff bluffs branch bridge brook brooks burg burgs camp canyon cape vicinage broadway parade quay rise wharf yard marg nagar croft curve copse chase broadwalk orchard paddock rigg brae wynd byway byroad passage drove fold hey mount quadrant strand esplanade circus boundary outlook ramble ridgeway thruway path parkland townline villas buildings mansions';
/** Stand last in Turkish, Finnish and Hungarian too, before the number. */
const AFTER_NUMBERED =
  'sokak sokagi sok caddesi cadde cad cd bulvari bulvar mahallesi utca ut utja u ter korut tie katu ulica ulice trg vag gata gate vei veien';
/** Stand first: `Calle Mayor 3`, `12 rue Verte`, `ul. Polna 5`. */
const BEFORE =
  'calle c/ avenida avda av carretera ctra paseo plaza plaça pza ronda camino travesia callejon pasaje glorieta urbanizacion poligono prolongacion prol privada calzada eje circuito boulevard blvd rambla cuesta lugar barrio bajada subida extrarradio parcela partida rincon sector solar torrente via viale vicolo piazza piazzale corso largo strada stradone contrada borgo lungomare lungarno incrocio rotonda traversa salita rue avenue av allee allees chemin impasse place quai cours route voie passage square faubourg sentier villa hameau cite rond-point ulica ul aleja al plac pl rynek osiedle os rua travessa praca alameda rodovia str strada bulevardul soseaua ulitsa andador parque arrabal lado caserio colonia apartamento camara cam carr calz calle. callejuela rincon monte jardines puente costa manzana grupo polg vereda cjon pje rua rúa largo vicolo via. calata galleria salizada campo calle fondamenta park ogrod wyb bulw skwer wybrzeze plac droga szosa os. lugar rotunda chaussee laan esplanade residence lotissement lieu-dit montee ruelle sente mail venelle straße strasse';
/** End a word that is the whole name: `Gartenstraße 5`, `Kerklaan 12`, `Ringvej 144`. */
const ENDINGS =
  'strasse straße str weg platz allee gasse ring damm ufer steig pfad hof markt berg wall graben chaussee promenade straat laan plein gracht kade dijk singel steeg dreef hof pad plantsoen baan steenweg vej gade vaenge vænget vangen vænge alle gata gatan vagen vägen vei veien gt plass terrasse tie katu kuja polku tori gatu utca stigen grand kroken haugen bakken toft park parken svinget stien';

const set = (list: string): ReadonlySet<string> => new Set(list.split(' '));

export const STREET_AFTER = set(AFTER_EN);
export const STREET_AFTER_NUMBERED = set(AFTER_NUMBERED);
export const STREET_BEFORE = set(BEFORE);
const STREET_ENDINGS = ENDINGS.split(' ').filter((ending) => ending.length >= 3);

/** A word of some length that ends like a street: `Nilsweg`, not `weg`. */
export function endsLikeStreet(folded: string): boolean {
  return folded.length >= 6 && STREET_ENDINGS.some((ending) => folded.length >= ending.length + 3 && folded.endsWith(ending));
}

/** Flat, floor, stairs behind the number, in the languages we read, at the start of what follows a street. */
export const UNIT =
  /^(?:[,;]?\s{1,2}|,?\s?\n[>\s]{0,6})(?:(?:apt|apartment|appartamento|apartamento|appt|suite|ste|unit|flat|floor|room|rm|bldg|building|edificio|edif|piso|piano|puerta|portal|esc|escalera|planta|int|interno|interior|scala|wohnung|whg|etage|appartement|bâtiment|bat|bus|m|lok|lokal|mieszkanie|daire|kat|blok|dept|depto|lote|box|top)\b\.?\s?#?(?:\d[\p{L}\d-]{0,5}|\p{L})(?![\p{L}\d])|#\s?\d{1,5}|(?:I{1,3}|IV|VI{0,3}|bis|ter)(?![\p{L}\d])|\d{1,2}(?:\.|st|nd|rd|th)?\s?(?:[ºª°oa]|OG|EG|DG|UG|hoog|Stock|piano|Etage|étage|floor)(?![\p{L}\d])(?:\s(?:\p{Lu}|izda|dcha|izq|der)(?![\p{L}\d])\.?)?|(?:EG|DG|OG|UG|bajo|parterre)(?![\p{L}\d]))/iu;

/** Words right before an address, whatever form it has. */
export const SAYS_ADDRESS =
  /(?:\baddress(?:es)?(?: is| to|,? here (?:it|they) (?:is|are))?|\badresse|\badres|\bdirecci[oó]n|\bindirizzo|\blives? (?:at|in)|\bliving at|\bmoved to|\bship(?:ped)?(?:[ -]to)?|\bdeliver(?:ed|y)?(?: to)?|\bsent? to|\bsend (?:it|them) to|\bmeet (?:me|you|us) at|\blocated at|\btaxi to|\bwohn\w{0,3}(?: \w{1,8})? (?:in|am|an|auf|im)(?: der| dem| den)?|\bliefer\w{0,3} (?:an|nach)|\bhabite|\blivr\w{1,3}(?: à| au)|\bvivo en|\benv[ií]\w{1,4} a|\babito (?:a|in)|\bconsegn\w{1,4} (?:a|in|presso)|\bwoon(?: ik)? (?:op|aan|in)|\bgraag naar|\bstreet|\b(?:i['’]m|i am|we(?:['’]re| are)|waiting|stay(?:ing)?|leave (?:it|them|the \w{2,12})|drop (?:it|them) off|picked up|collected?|left it) at|\b(?:porch|door|front|doorstep|house) (?:of|at))[:,]?\s{0,3}$/iu;

/** Behind a number these words make a date of it. */
export const MONTHS: ReadonlySet<string> = set(
  'january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec januar februar marz mai juni juli oktober dezember janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre januari februari maart mei augustus',
);

/** Before a number these words say what is numbered, and it is no house. */
export const NUMBERED: ReadonlySet<string> = set(
  'order orders bestellung auftrag bestellnummer commande pedido ordine orden bestelling ref reference referenz referencia riferimento sku ean gtin asin imei upc isbn article artikel articulo articolo item part model modell modele modelo modello ticket case fall vorgang invoice rechnung facture factura fattura factuur number no nr num numero nummer serial version release build page seite step size grosse taille talla taglia maat batch lot code pin tracking parcel sendung paket colis paquete pacco pakket customer kunde kundennummer client cliente klant account konto id po rma return level chapter top channel error fehler port row line total qty quantity menge vat ust eur usd gbp chf price preis prix',
);

/** Begin a flat or a floor, not a part of a street's name. */
export const UNIT_WORDS: ReadonlySet<string> = set(
  'apt apartment appartamento appt suite ste unit flat floor room bldg edificio edif piso piano puerta portal escalera planta interno scala wohnung whg etage appartement',
);
