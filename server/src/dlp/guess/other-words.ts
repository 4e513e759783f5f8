// Everyday words of German, French, Spanish, Italian and Dutch that stand with a capital in letters to shops and are no names:
// what opens sentences, what is greeted, what German writes with a capital. Written for this file; a miss says little. Extend freely.

import type { Language } from './language.ts';

const set = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Folded. German nouns stand here once in the singular; their endings and compounds are told by `isGerman`. */
const GERMAN = set(
  `ich du er sie es wir ihr mein meine meinen meinem meiner dein deine sein seine ihre ihren ihrem ihrer unser unsere euer eure man wer was wann wo wie warum wieso weshalb welche
  welcher welches der die das den dem des ein eine einen einem einer kein keine keinen und oder aber denn sondern doch weil wenn dass ob als bis seit vor nach mit ohne von vom zu zum
  zur im in am an auf aus bei beim fur gegen durch um uber unter zwischen hinter neben ist sind war waren wird werden wurde wurden hat habe haben hatte hatten kann konnen konnte muss
  mussen soll sollen sollte darf durfen will wollen wollte mochte mochten bin bist seid gibt gilt kommt geht steht liegt fehlt hallo hi guten gute guter tag morgen abend moin servus
  grussgott gruezi danke vielen herzlichen besten bitte gern gerne leider entschuldigung mit freundlichen freundliche grussen gruss grusse viele liebe lieber beste schone sehr geehrte
  geehrter geehrtes damen herren herr herrn frau familie firma heute gestern jetzt noch schon nur auch nicht nichts alles alle beide hier dort da dann danach vorher wieder immer nie
  weiterhin ausserdem zudem allerdings trotzdem deshalb daher also nun kurz laut gemass anbei anscheinend vielleicht warten lassen liefern senden schicken rufen melden prufen
  bestellt bezahlt geliefert erhalten bekommen gekauft storniert neue neuer neues neuen alte alter rot blau grun gelb schwarz weiss grau braun rosa lila beige turkis silber gold
  anthrazit haus wohnung hof treppe tur klingel briefkasten keller etage stock stockwerk garten garage nachbar zimmer kuche bad dach wand boden fenster paket packchen sendung lieferung
  bestellung rechnung gutschrift gutschein rabatt betrag preis kosten geld euro cent konto kunde kundin kasse karte bank uberweisung lastschrift zahlung mahnung frist datum termin uhr
  woche tag monat jahr stunde minute montag adresse anschrift strasse ort stadt land platz postfach nummer code passwort mail post bote fahrer laden geschaft filiale lager service
  support dienst abteilung team mitarbeiter kollege chef berater vertreter absender empfanger name vorname nachname telefon handy problem fehler frage antwort bitte hilfe grund
  beschwerde reklamation ruckgabe rucksendung retoure umtausch erstattung ersatz garantie gewahrleistung widerruf vertrag agb angebot aktion newsletter werbung ware artikel produkt
  modell serie marke farbe grosse masse lange breite hohe gewicht stuck paar satz menge teil geraet gerat maschine motor akku kabel stecker schalter knopf schraube deckel griff rad
  reifen hose hemd kleid jacke mantel rock bluse schuh stiefel tasche koffer gurtel mutze schal handschuh socke pullover anzug hut ring kette ohrring uhr brille schmuck sofa sessel
  stuhl tisch bett matratze decke kissen bezug schrank regal kommode lampe leuchte spiegel teppich vorhang vase kerze bild rahmen topf pfanne tasse teller glas flasche besteck messer
  gabel loffel kanne becher buch spiel puppe puzzle rasenmaher bohrer hammer sage werkzeug leiter grill zelt fahrrad helm ball creme seife shampoo parfum duft lippenstift tee kaffee
  wein wasser milch brot zucker salz reis nudel ol mehl kase mann frau kind sohn tochter bruder schwester mutter vater eltern oma opa enkel freund freundin mensch leute person
  bild foto anhang datei seite webseite shop app konto link bewertung stern meinung grosse qualitat material stoff leder holz metall baumwolle wolle seide plastik version gerat
  ausweis vollmacht unterschrift stempel zoll steuer inhaber hinterhaus vorderhaus erdgeschoss ubergabe abholung versand verpackung karton folie kratzer riss delle fleck naht absatz
  sohle reissverschluss zubehor ersatzteil anleitung aufbau montage reparatur werkstatt techniker anruf gesprach nachricht chat mailbox feierabend wochenende feiertag ostern weihnachten
  pfingsten silvester neujahr urlaub arbeit buro schule bahnhof krankenhaus arzt apotheke polizei gericht anwalt arger enttauschung freude ding sache fall weg ende anfang mitte halfte
  restbetrag zeit raum recht wert ruhe stelle art weise bereich zustand stand schaden verlust vorgang kontakt daten info information rufnummer vorteil hinweis angabe wunsch interesse`,
);

/** Endings that make a noun of a word. */
const GERMAN_ENDINGS =
  /(?:ung|ungen|heit|heiten|keit|keiten|schaft|schaften|tion|tionen|tat|taten|nis|nisse|tum|ismus|ment|anz|enz|ierung|erei)$/;

const OTHERS: Readonly<Record<'fr' | 'es' | 'it' | 'nl', ReadonlySet<string>>> = {
  fr: set(
    `je tu il elle on nous vous ils elles le la les un une des du de ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs qui que quoi quel quelle quand ou
    comment pourquoi est sont etait a ai as avez avons ont pas ne ni et ou mais donc car si dans sur sous avec sans pour par chez vers depuis avant apres pendant selon merci bonjour
    bonsoir salut cher chere chers cordialement bien a tres sinceres meilleures salutations sentiments distingues respectueusement beaucoup avance madame monsieur mademoiselle messieurs
    mesdames veuillez pouvez pourriez puis peut voici voila ca cela ceci oui non aussi encore deja toujours jamais hier demain aujourd aujourd'hui maintenant lundi mardi mercredi jeudi
    vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre noel paques joyeux joyeuse joyeuses bonne bon annee fete nouvel service
    client clientele equipe direction livraison commande colis facture remboursement retour echange adresse nom prenom ville code postal telephone courriel compte carte banque titulaire
    bleu rouge vert noir blanc jaune gris rose violet marron nuit ciel clair fonce taille coloris couleur reference modele produit article robe pantalon chemise veste manteau chaussures
    sac montre lampe table chaise fauteuil canape lit livre jeu merci suite objet sujet date numero rue avenue boulevard place impasse chemin allee etage batiment vivre habite appelle
    parfum cafetiere`,
  ),
  es: set(
    `yo tu el ella usted nosotros ellos ellas ustedes la los las un una unos unas de del al este esta estos estas ese esa mi mis su sus nuestro nuestra que quien cual cuando donde como por
    porque para con sin sobre en entre desde hasta segun es son era fue ha he han hay no si ni y o pero pues hola buenos buenas dias tardes noches gracias muchas estimado estimada estimados
    querido querida atentamente saludos saludo cordial cordiales un senor senora senorita don dona favor quisiera quiero queria puedo pueden podria necesito tengo vivo me le les lo se ya
    aun tambien siempre nunca hoy ayer manana ahora lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
    diciembre navidad feliz prospero ano nuevo pascua fiestas felices servicio atencion cliente clientes equipo departamento pedido paquete envio entrega factura reembolso devolucion
    cambio direccion nombre apellido apellidos ciudad codigo postal telefono correo cuenta tarjeta banco titular azul rojo verde negro blanco amarillo gris rosa morado marron marino
    cielo claro oscuro talla color referencia modelo producto articulo vestido pantalon camisa chaqueta abrigo zapatos bolso reloj lampara mesa silla sofa cama libro juego asunto fecha
    numero calle avenida plaza paseo carrer piso puerta edificio envien envienlo manden cargaron adjunto firmado nacido nacida llegaron llego`,
  ),
  it: set(
    `io tu lui lei noi voi loro il lo la i gli le un uno una di del della dei delle a al alla da dal dalla in nel nella su sul con per tra fra questo questa questi queste quello quella mio mia
    miei mie tuo suo sua nostro vostro che chi quale quando dove come perche e sono era ha ho hanno c'e ci non si no ma o se anche ciao salve buongiorno buonasera grazie mille gentile gentili
    caro cara egregio spettabile cordiali distinti saluti cordialmente saluto signor signora signorina sig dott vorrei posso potete potrebbe ho abito oggi ieri domani adesso ora sempre mai
    lunedi martedi mercoledi giovedi venerdi sabato domenica gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre natale buon buona felice anno nuovo
    pasqua feste servizio clienti cliente assistenza team reparto ordine pacco spedizione consegna fattura rimborso reso cambio indirizzo nome cognome citta cap telefono mail conto carta
    banca intestatario blu rosso verde nero bianco giallo grigio rosa viola marrone bosco notte chiaro scuro taglia colore riferimento modello prodotto articolo codice vestito pantaloni
    camicia giacca cappotto scarpe borsa orologio lampada tavolo sedia divano letto libro gioco profumo oggetto data numero via viale corso piazza vicolo largo scala piano interno spedite
    consegnate mandate addebito allegato corriere negozio vostra vostro`,
  ),
  nl: set(
    `ik jij je u hij zij ze wij we jullie de het een der den des dit dat deze die mijn jouw uw zijn haar ons onze hun wie wat waar wanneer hoe waarom welke en of maar want dus als omdat
    dat om te is was waren ben bent heb heeft hebben had kan kunt kunnen kon moet moeten mag mogen zal zullen zou wil willen wilt wordt werd worden niet geen nog al ook alleen weer altijd nooit
    in op aan bij met van voor naar door uit over onder tussen tot sinds volgens zonder hallo hoi dag goedemorgen goedemiddag goedenavond beste geachte lieve bedankt dank dankjewel alvast
    groet groeten groetjes vriendelijke hartelijke vriendelijk mevrouw meneer heer dames heren graag helaas sorry alstublieft vandaag gisteren morgen nu straks maandag dinsdag woensdag
    donderdag vrijdag zaterdag zondag januari februari maart april mei juni juli augustus september oktober november december kerst pasen nieuwjaar fijne prettige gelukkig klantenservice
    klant team afdeling bestelling pakket zending levering bezorging factuur retour terugbetaling ruil adres naam voornaam achternaam postcode plaats woonplaats stad telefoon mail rekening
    rekeninghouder kaart bank pas blauw rood groen zwart wit geel grijs roze paars bruin donkerblauw lichtblauw maat kleur artikel artikelnummer model product merk jurk broek hemd jas
    schoenen tas horloge lamp tafel stoel bank bed boek spel onderwerp datum nummer straat weg laan plein gracht kade verdieping stuur buurman buurvrouw winkel bezorgadres`,
  ),
};

/** End names of families as often as compounds. */
const NO_TAIL = set('mann helm hof land ball stein berg rad ring weg kind frau hut haus grund ende rosa');

/** A German word that is no name by itself, with its endings; `loosely`: also what only looks like one (`kundenkonto`, `verpackung`). */
function isGerman(folded: string, loosely: boolean): boolean {
  if (GERMAN.has(folded)) return true;
  for (const ending of ['s', 'e', 'n', 'en', 'es', 'er', 'ern', 'in', 'innen']) {
    if (folded.endsWith(ending) && folded.length - ending.length >= 4 && GERMAN.has(folded.slice(0, -ending.length))) return true;
  }
  if (!loosely) return false;
  if (folded.length > 6 && GERMAN_ENDINGS.test(folded)) return true;
  for (let at = 3; at <= folded.length - 4; at += 1) {
    const tail = folded.slice(at);
    const stem = tail.length > 5 ? tail.replace(/(?:en|e|n|s)$/, '') : tail;
    if ((GERMAN.has(tail) && !NO_TAIL.has(tail)) || (GERMAN.has(stem) && !NO_TAIL.has(stem) && stem.length >= 4)) return true;
  }
  return false;
}

/** An everyday word of the language, where it is not English. A word that is listed as a name has to be that very word. */
export function isOtherWord(language: Language, folded: string, isListed: boolean): boolean {
  if (language === 'en') return false;
  return language === 'de' ? isGerman(folded, !isListed) : OTHERS[language].has(folded);
}
