// Words around a name that say a person is meant, by language; words that say the opposite. Patterns only, and no names.

/** Right before a name that may be written in any case: introductions, titles, roles, greetings and closings. */
export const INTRODUCES =
  /(?:^|[^\p{L}])(?:(?:my|the|your|his|her|full|last|first|maiden|family) name(?: is|'s| to| was)?|surname(?: is| to)?|name is|(?:what['’]s|what is) (?:your|the|his|her)(?: \w{1,9})? name(?: on the \w{1,9})?\? ?(?:user:)?|(?:people|they|friends) call me|it['’]s under|name of|under the name|on behalf of|in the name of|account holder|cardholder|holder|beneficiary|recipient|attn|c\/o|care of|regards|cheers|sincerely|(?:mein|ihr|vor|nach)\s?name(?: ist|:)?|ich hei(?:ß|ss)e|(?:konto)?inhaber(?:in)?|empfänger(?:in)?|auf den namen|namens|gr(?:u|ü)(?:ß|ss)e?|herr(?:n)?|frau|je m['’]appelle|moi c['’]est|mon nom est|au nom de|titulaire|cordialement|monsieur|madame|mme|mlle|me llamo|mi nombre es|a nombre de|titular|saludos|atentamente|señora?|sra?|doña|don|mi chiamo|il mio nome è|intestat[oa] a|a nome di|intestatario|saluti|cordiali saluti|signora?|sig\.?(?:ra|na)?|dott\.?(?:ssa)?|avv\.?|un tal|una tal|un tale|mijn naam is|ik heet|op naam van|t\.n\.v\.|rekeninghouder|groet(?:en|jes)?|met vriendelijke groet|meneer|mevrouw|dhr|mevr|mr|mrs|ms|miss|mx|dr|prof)[.:,!]?\s{1,3}[-–—]?\s?$/iu;

/** The same, but other words stand behind these as often. */
export const MAY_INTRODUCE =
  /(?:^|[^\p{L}])(?:i am|i['’]m|it['’]s|this is|here is|named|signed|yours|merci|danke|vielen dank|gracias|muchas gracias|grazie|grazie mille|bedankt|dank je|dank u|c['’]est|hello|hi|hey|dear|thanks|thank you|officer|agent|detective|captain|judge|nurse|ich bin|hier ist|hallo|liebe[r]?|guten tag|je suis|bonjour|chère?|soy|hola|sono|ciao|buongiorno|gentile|ik ben|beste|friend|partner|husband|wife|son|daughter|brother|sister|mother|father|mom|mum|dad|uncle|aunt(?:ie)?|grandma|grandpa|niece|nephew|cousin|neighbou?r|family|nachbar(?:in|n)?|kolleg(?:e|en|in)|familie|ehefrau|ehemann|sohn|tochter|bruder|schwester|mutter|vater|freund(?:in)?|berater(?:in)?|mitarbeiter(?:in)?|hausmeister(?:in)?|mari|femme|conseill(?:er|ère)|vendeu(?:r|se)|gardien(?:ne)?|fils|fille|frère|s(?:œ|oe)ur|amie?|voisine?|collègue|marido|esposa|hij[oa]|herman[oa]|amig[oa]|vecin[oa]|compañer[oa]|colega|comercial|marito|moglie|figli[oa]|fratello|sorella|amic[oa]|vicin[oa]|collega|portiere|vrouw|zoon|dochter|broer|zus|vriend(?:in)?|buur(?:man|vrouw)|medewerker|receptionist|landlord|landlady|roommate|flatmate|assistant|caretaker|teammate|boyfriend|girlfriend|fianc[ée]e?|grandmother|grandfather)[.:,!]?\s{1,3}[-–—]?\s?$/iu;

/** English only: in other languages these are other words (`im`). */
export const MAY_INTRODUCE_ENGLISH =
  /(?:^|[^\p{L}])(?:im|its|best|love|(?<!\bit(?: is| was|['’]s|s) )called|wishes|regards from|yes|it was)[.:,!]?\s{1,3}[-–—]?\s?$/iu;

/** Names of fields, in JSON, tables and forms. */
export const LABELS =
  /(?:(?:first|last|full|given|family|middle|customer|recipient|contact|account|holder|buyer|sender|vor|nach|kunden|ship(?:ping)?[ _-]?to|bill(?:ing)?[ _-]?to|deliver[ _-]?to)[ _-]?names?|(?<=^|[\n|/;,·•>]\s?|["'])(?:name|nom|nombre|nome|naam|surname|recipient|customer|contact(?: person)?|ship(?:ped)?[ -]to|bill(?:ed)?[ -]to|deliver to|to|from|attn|buyer|sender|account holder)|(?:nom|pr[ée]nom|prénoms|apellidos?|cognome|voornaam|achternaam|destinataire|destinatari[oa]|titulaire|titular|intestatario|intestataria|rekeninghouder|kontoinhaber(?:in)?|empfänger(?:in)?|absender(?:in)?|ansprechpartner(?:in)?|besteller(?:in)?|contactpersoon|ontvanger|afzender|mittente|remitente|exp[ée]diteur|(?:nom|nombre|nome|naam|name) (?:de|del|der|des|du|van) \p{L}{3,12}|name des \p{L}{3,12}))["']?\s{0,2}[:=|\t]\s{0,2}["']?$/iu;

/** Right before a name with a capital: weaker, for they also stand before products and places. */
export const SUGGESTS =
  /(?:^|[^\p{L}])(?:user|customer|client|contact|guests?|witness(?:es)?|attendees|participants?|cc|bcc|signed (?:for|by)|patient|according to|laut|selon|según|secondo|volgens|statt|nicht|mit|bei|employee|colleague|boss|manager|driver|courier|producer|director|directed by|author|songwriter|singer|actor|actress|founder|starring|written by|produced by|by|at|but|starring|spoke (?:with|to)|speak(?:ing)? (?:with|to)|talk(?:ed)? to|ask(?:ed)?|tell|told|met|meet|invite|add|remind|thank|notify|inform|contacter|avisar a|avvisare|(?:spedi|invia|consegna|manda)re a|(?:envi|entreg|mand)ar(?:lo|la)? a|(?:env[ií]|entr[eé]gu)en(?:lo|la) a|remis à|envoyer à|envoyé à|avec|con|da|bij|met|naar|tegen|chez|parlare con|hablar con|spreken met|follow up with|call(?:ed)?|e-?mailed|contacted|from|for|with|ship(?:ped)?[ -]to|deliver(?:ed)? to|send (?:it |this )?to|addressed to|billing address|shipping address|address of|name|buyer|sender|kunde|kundin|kollege|kollegin|cliente?|client|klant|verify|and|an|von|für|pour|chez|para|per|voor|aan)[:,]?\s{1,6}[-–—]?\s?$/iu;

/** Right behind a name. */
export const FOLLOWS =
  /^(?:\s(?:here\b|speaking\b|hier\b|again\b|never\b|said\b|says\b|told\b|asked\b|called\b|shouted\b|replied\b|wrote\b|explained\b|agreed\b|wants?\b|is (?:very|my|so|not|our|always|coming|going)\b|just\b|has to\b|had (?:to|given)\b|logged\b|would\b|lives?\b|there\b|(?:family|familie|novel|biography|album|film|movie|song|symphony|brothers|sisters|twins|residence|household)\b|vs\.? |bought\b|ordered\b|sent\b|got\b|gave\b|came\b|went\b|paid\b|received\b|scored\b|works\b|signed\b|picked\b|collected\b|returned\b|confirmed\b|approved\b|promised\b|helped\b|needs\b|likes\b|moved\b|founded\b|joined\b|thinks\b|knows\b|swapped\b|complained\b|forgot\b|requested\b|requests\b|asks\b|died\b|left\b|bestellte\b|schrieb\b|bittet\b|wartet\b|fragt\b|sagt\b|sagte\b|a (?:signé|commandé|reçu|demandé|dit|écrit|promis)\b|souhaite\b|demande\b|attend\b|pidió\b|pide\b|dijo\b|firmó\b|recogió\b|solicita\b|quiere\b|ha (?:pedido|firmado|ordinato|chiesto|firmato|detto|promesso)\b|chiede\b|vuole\b|vraagt\b|wil\b|heeft (?:besteld|getekend|gevraagd)\b|zei\b|qui\b|aquí\b|ici\b|hat\b|möchte\b|wohnt\b|and (?:I|me)\b)|['’]s\b|,? (?:he|she|they|who|born|née?|geboren|né|nacid|nat[oa]|geb)\b|, (?:can|could|please|would|will|are|do|thank|you)\b|\s?\(?[\w.+-]{1,64}@|,? CEO\b|[?!]\s*$)/iu;
/** Behind names, and behind much else. */
export const FOLLOWS_FAINTLY =
  /^\s(?:is (?:an?|the)|was|has|had|will|can|from|of|wrote|flew|moved|hat|ist|heeft|is|a|est|ha|è|es|tiene|\p{Ll}{3,12}ed|and \p{Lu}\p{Ll}+ (?:have|are|were|had|went|want))\b/iu;

/** Names stand in rows: another capital word behind a comma or `and`, and before. */
export const NEIGHBOUR = /^,? (?:(?:and|und|et|y|e|en|&) )?(\p{Lu}\p{Ll}+)(?=[,.]| )/u;
export const NEIGHBOUR_BEFORE = /(\p{Lu}\p{Ll}+),? (?:(?:and|und|et|y|e|en|&) )?$/u;

/** Last lines of letters: a name that stands alone behind a dash, a closing or on a line of its own. */
export const CLOSES = /(?:(?:^|[.!?,])\s?[-–—]\s?|\n\s{0,4}|^\s{0,4}(?:>\s{0,2})?|[.!?]\s)$/u;

/** Behind a name that is a product's: an article before it and a thing behind it. */
export const ARTICLE =
  /(?:^|[^\p{L}])(?:the|an?|this|these|those|all|any|another|new|of the|das|der|die|den|dem|ein|eine[nmrs]?|le|la|les|l['’]|une?|my|our|your|meine?[nmrs]?|unsere?[nmrs]?|mon|ma|mes|notre|votre|mi|mis|nuestr[oa]|vuestr[oa]|mio|mia|nostr[oa]|mijn|onze|uw|el|los|las|una?|il|lo|gli|het|de|een)\s$/iu;

/** Legal forms, and kinds of places and bodies. What they end is no person. */
export const NO_PERSON: ReadonlySet<string> = new Set(
  'northern southern eastern western inc ltd llc plc gmbh ag kg sa sas sarl bv nv srl spa corp co company corporation group bank university school hospital hotel street road avenue association institute foundation ministry office department college church museum airport station park club team band orchestra holdings partners solutions systems technologies services industries international society council agency city county state province river lake mountain island'.split(
    ' ',
  ),
);

/** Written with a capital and no names: days, months, peoples, languages, countries and great places, brands of payment. */
export const CAPITALISED: ReadonlySet<string> = new Set(
  `monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
  montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar juni juli oktober dezember english german french spanish italian dutch
  american british european asian african russian chinese japanese indian turkish polish swedish danish norwegian finnish greek portuguese mexican
  canadian australian irish scottish welsh swiss austrian belgian brazilian christian muslim jewish usa uk eu us germany france spain italy netherlands
  england scotland wales ireland britain europe america africa asia australia canada mexico brazil china japan india russia turkey poland sweden denmark
  norway finland greece portugal switzerland austria belgium hungary romania bulgaria croatia serbia slovenia slovakia czechia ukraine israel egypt
  morocco tunisia kenya nigeria argentina chile peru colombia venezuela uruguay vietnam thailand indonesia malaysia singapore korea taiwan philippines
  pakistan bangladesh iceland estonia latvia lithuania luxembourg malta cyprus zealand london paris berlin madrid rome amsterdam vienna york
  christmas easter internet facebook google amazon apple microsoft paypal visa mastercard shopify instagram whatsapp bluetooth iban sku ean vat dob ssn
  pin pdf usb cvv bic swift dhl ups fedex gls hermes iphone android windows hi hello dear thanks regards okay ok bot user id url api gtin hs
  alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts
  michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont wisconsin wyoming ontario quebec alberta manitoba
  saskatchewan yorkshire cornwall sussex essex norfolk suffolk lancashire cumbria bayern sachsen hessen thuringen brandenburg niedersachsen saarland schleswig holstein
  westfalen pfalz tirol karnten steiermark vorarlberg burgenland bretagne normandie provence alsace lorraine bourgogne picardie occitanie aquitaine corse savoie andalucia galicia
  cataluna catalunya asturias cantabria aragon extremadura castilla navarra euskadi canarias baleares toscana lombardia piemonte veneto liguria umbria lazio campania puglia calabria
  sicilia sardegna abruzzo molise basilicata vlaanderen wallonie limburg brabant zeeland utrecht drenthe friesland groningen gelderland overijssel flevoland nederland belgie belgique
  suisse svizzera osterreich autriche polen tschechien ungarn griechenland turkei russland schweden norwegen danemark finnland irland schottland vereinigte royaume unido
  bizum satispay twint revolut venmo zelle alipay wechat payconiq swish vipps blik trustly scalapay clearpay mollie adyen braintree affirm sezzle oney swisscom vodafone
  telekom orange verizon comcast uber lyft airbnb booking expedia ryanair lufthansa mondial relay inpost vinted wallapop leboncoin marktplaats bol coolblue mediamarkt saturn
  klarna etsy ebay zalando ikea afterpay stripe netflix spotify tiktok youtube twitter linkedin pinterest snapchat telegram signal walmart target costco tesco aldi lidl samsung sony
  nike adidas puma reebok asics lego playstation xbox nintendo tesla bosch philips siemens dyson huawei xiaomi lenovo dell canon nikon gopro garmin fitbit bose sonos jbl logitech
  woocommerce magento zendesk klaviyo hubspot mailchimp wordpress gmail outlook hotmail yahoo maestro amex giropay sofort ideal bancontact sepa usps royal evri dpd postnl bpost
  chronopost colissimo correos seur yodel brexit covid nasa fbi cia bbc cnn scandinavian hawaiian mediterranean nordic noel navidad natale pasqua kerst
  deutschland frankreich spanien italien niederlande österreich schweiz allemagne espagne italie españa italia alemania francia`.split(
    /\s+/,
  ),
);

/** Small words inside family names. */
export const INSIDE: ReadonlySet<string> = new Set(
  'de del della der den des di do da dos das du van von vom zu zum zur ter ten te la le las los al bin ibn ben abu y e i san'.split(' '),
);

/** How many family names of the languages of Europe end; weak by itself. */
export const FAMILY_ENDING =
  /(?:ov[aá]?|ev[aá]?|ová|sk[iy]|ska|sson|sen|dottir|dóttir|enko|[iy]ć|vi[ćc]|vich|oğlu|oglu|escu|yan|ian|idis|poulos|akis|wicz|czyk|czak|owna|stein|mann|berg|ström|quist|qvist|eira|ez|ini|elli|etti|ucci|aldi|shvili|dze|nen|aitis|ienė|bauer|meyer|maier)$/iu;
