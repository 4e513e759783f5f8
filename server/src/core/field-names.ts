// What the name of a field says about its value, whoever made the API: in English, German, French, Spanish, Italian and Dutch.
// A guess: it serves where no map of an API and no manifest says more, and it says nothing about a name it does not know.

import { type DataClass, dataClassSpec } from './data-classes.ts';
import { PII_CLASSES, type PiiClass } from './labels.ts';

/** How much a name says: `sure` names one thing wherever it stands; `weak` is the usual meaning of a word that has others. */
export interface NamedClass {
  readonly dataClass: DataClass;
  readonly strength: 'sure' | 'weak';
}

type Words = Partial<Readonly<Record<DataClass, string>>>;

/** Letters and digits only, lower case, without accents. The end of a longer name counts as well: `billingEmail`, `shipping_address_1`. */
const SURE: Words = {
  email_address: `email emailaddress mail mailaddress emails courriel adresseemail mailadresse emailadresse correo correoelectronico
    posta postaelettronica indirizzoemail epost replyto cc bcc mailto`,
  phone_number: `phone phonenumber phones mobile mobilephone mobilenumber cell cellphone tel telephone telephonenumber fax faxnumber
    whatsapp telefon telefonnummer handy handynummer mobil mobiltelefon mobilnummer portable numerotelephone telefono movil celular
    cellulare telefoon telefoonnummer mobielnummer mobiel rufnummer msisdn`,
  person_name: `firstname lastname givenname familyname surname middlename maidenname fullname customername recipientname contactname
    accountholder accountholdername cardholder cardholdername buyername requestername nameoncard shippingname billingname displayname
    sendername authorname vorname nachname familienname kundenname empfaenger kontoinhaber karteninhaber prenom nomdefamille nomcomplet
    nomclient titulaire nombre apellido apellidos primerapellido segundoapellido nombrecompleto destinatario titular cognome
    nomecompleto intestatario voornaam achternaam naamklant volledigenaam rekeninghouder tussenvoegsel salutation honorific`,
  street_address: `address1 address2 address3 addressline addressline1 addressline2 street street1 street2 streetaddress streetname
    streetnumber housenumber apartment strasse strassenname hausnummer adresszusatz rue adresse voie numerovoie complementadresse
    calle direccion domicilio numeroexterior via indirizzo numerocivico straat straatnaam huisnummer adres mailingaddress postaladdress
    homeaddress anschrift lieferadresse rechnungsadresse adresselivraison adressefacturation direccionenvio formattedaddress`,
  place: `city town village locality zip zipcode postcode postalcode plz postleitzahl ort stadt wohnort codepostal ville commune
    codigopostal ciudad poblacion provincia cap citta comune postalecode stad woonplaats plaats suburb county latitude longitude lat lng
    cityname municipality`,
  birth_date: `birthdate dateofbirth birthday dob born birthyear geburtsdatum geburtstag datenaissance datedenaissance fechanacimiento
    fechadenacimiento datadinascita datanascita geboortedatum`,
  account_name: `username userlogin login loginname nickname screenname handle twitterhandle instagram benutzername nutzername
    nomutilisateur identifiant usuario nombreusuario nomeutente gebruikersnaam`,
  customer_number: `customerid userid customernumber customerno clientid buyerid shopperid memberid membernumber profileid contactid
    requesterid submitterid kundennummer kundennr kundenid numeroclient idclient numerocliente idcliente codicecliente klantnummer klantid
    loyaltynumber visitorid`,
  government_id: `ssn socialsecuritynumber nationalid nationalidnumber passport passportnumber driverslicense driverlicensenumber taxid
    steuerid steuernummer sozialversicherungsnummer personalausweis ausweisnummer reisepass numerosecuritesociale nir dni nie nif
    curp rfc cpf codicefiscale bsn burgerservicenummer paspoortnummer vatid vatnumber taxnumber tin`,
  payment_card: `cardnumber creditcardnumber creditcard ccnumber pan primaryaccountnumber cvv cvc cvv2 cvc2 securitycode cardcvc cardcvv
    verificationvalue kartennummer kreditkartennummer numerocarte numerotarjeta numerocarta kaartnummer`,
  bank_account: `iban bic swift bankaccount bankaccountnumber accountnumber routingnumber sortcode bban kontonummer bankleitzahl blz
    kontonr numerocompte rib numerocuenta numeroconto rekeningnummer bankrekening`,
  payment_details: `paymentmethod paymentmethodid paymenttype paymentstatus paymentdetails paymentgateway cardbrand cardtype last4
    lastfour cardlast4 expmonth expyear expirymonth expiryyear expirationdate zahlungsart zahlungsmethode moyenpaiement modepaiement
    metodopago metododepago formapago metodopagamento betaalmethode betaalwijze transactionid paymentintent chargeid fingerprint`,
  gift_card: `giftcard giftcardcode giftcardnumber giftcode vouchercode couponcode storecredit gutscheincode gutschein codecadeau
    cartecadeau tarjetaregalo codigoregalo cartaregalo buonoregalo cadeaukaart cadeaubon discountcode promocode`,
  credential: `password passwd passphrase secret secretkey clientsecret apikey apitoken accesstoken refreshtoken bearertoken authtoken
    sessiontoken privatekey token otp pin pincode recoverycode passwordhash webhooksecret passwort kennwort geheimnis motdepasse
    contrasena clave clavesecreta parolachiave wachtwoord credential credentials authorization`,
  network_address: `ip ipaddress browserip clientip remoteip remoteaddress customeripaddress lastloginip ipv4 ipv6 adresseip direccionip
    indirizzoip ipadresse ipadres`,
  personal_link: `avatar avatarurl profileurl profilepicture statusurl orderstatusurl unsubscribeurl resetpasswordurl loginurl magiclink
    photourl receipturl hostedinvoiceurl selfserviceurl`,
  order_number: `ordernumber orderno orderid ordername ordernr bestellnummer bestellnr auftragsnummer numerocommande numcommande
    numeropedido idpedido numeroordine bestelnummer ordernummer invoicenumber invoiceid rechnungsnummer numerofacture numerofactura
    numerofattura factuurnummer receiptnumber cartid checkoutid`,
  purchase_history: `orders purchases purchasehistory lineitems totalprice totalspent amountspent orderscount numberoforders lastorder
    lastorderid lastorderdate cart basket subtotal subtotalprice ordertotal grandtotal bestellungen bestellung warenkorb commandes panier
    pedidos carrito ordini carrello bestellingen winkelmandje lifetimevalue`,
  delivery: `trackingnumber trackingnumbers trackingurl trackingcode trackingcompany carrier shippingmethod shippinglines
    deliveryinstructions deliverynote deliverydate shipmentid parcelnumber sendungsnummer lieferdatum versandart numerosuivi
    transporteur numeroseguimiento transportista numerotracciamento corriere volgnummer bezorger trackandtrace`,
  return_case: `refunds refund refundreason refundamount returnreason returns rma rmanumber amountrefunded refundedamount retoure
    ruecksendung erstattung remboursement retour devolucion reembolso reso rimborso terugbetaling retourreden cancelreason chargeback
    dispute`,
  conversation: `body bodyhtml bodytext htmlbody plainbody message messages messagetext comment comments note notes customernote
    staffnote subject rawsubject text freetext transcript conversation reply replies ticketbody nachricht kommentar notiz betreff
    anmerkung commentaire remarque objet sujet mensaje comentario nota asunto messaggio commento oggetto bericht opmerking notitie
    onderwerp snippet`,
  review: `review reviewtext reviewbody reviewtitle rating stars bewertung rezension avis resena valoracion recensione valutazione
    beoordeling satisfactionrating satisfactionscore npsscore`,
  behaviour: `useragent referrer referringsite landingsite landingpage pageviews pageview clicks sessionduration lastseen lastlogin
    lastloginat lastvisit lastactivity devicetype deviceid browser cookie cookies gaclientid fbclid gclid utmsource utmmedium
    utmcampaign viewedproducts searchquery searchterm eventproperties browsinghistory timeonsite`,
  marketing_profile: `segment segments consent marketingconsent acceptsmarketing optin emailoptin smsoptin newsletter subscriptions
    interests preferences lifecyclestage leadstatus churnrisk churnprobability predictedgender gender geschlecht genre sexe genero sesso
    geslacht customertags einwilligung consentement consentimiento consenso toestemming predictedclv`,
  health_detail: `health healthdata diagnosis allergy allergies medication disability pregnancy religion ethnicity politicalopinion
    sexualorientation tradeunion gesundheit allergien sante allergie salud alergia alergias salute gezondheid bloodtype dietary`,
  file: `attachment attachments photo photos recording voicemail anhang anhaenge
    piecejointe piecesjointes adjunto adjuntos allegato allegati bijlage bijlagen uploads`,
  staff: `assignee assigneeid agentname agentid staffid staffmember employee employeeid mitarbeiter sachbearbeiter employe empleado
    dipendente medewerker ownerid salesrep`,
  business_figure: `cost costprice unitcost margin profit stock stocklevel inventory inventoryquantity inventorylevel supplierprice
    wholesaleprice purchaseprice einkaufspreis marge lagerbestand prixachat coutunitaire preciocosto costounitario inkoopprijs
    supplierid supplier`,
  product: `sku barcode ean gtin upc productname producttitle productid productdescription variantid varianttitle vendor producttype
    artikelnummer produktname nomproduit nombreproducto nomeprodotto productnaam handleproduct weight`,
};

/** Usual meanings, and only of the whole name. */
const WEAK: Words = {
  person_name: 'name contact recipient sender from to author participants nom nome naam kunde client cliente klant empfanger attendees',
  street_address: 'line1 line2 line3',
  account_name: 'user customer owner',
  place: 'country countrycode countryname state province region stateprovince address location land pays pais paese timezone district',
  payment_details: 'payment payments card account bank zahlung paiement pago pagamento betaling wallet',
  order_number: 'order invoice bestelling pedido ordine commande auftrag',
  purchase_history: 'items item purchase quantity total amount price totalamount',
  conversation: 'content description title summary reason question answer beschreibung titel titre titulo titolo messagebody',
  behaviour: 'events event activity visits source referer',
  file: 'file files image images document documents datei fichier archivo',
  marketing_profile: 'tags labels groups score',
  personal_link: 'url link website homepage permalink',
};

function index(words: Words, strength: NamedClass['strength']): [string, NamedClass][] {
  return Object.entries(words).flatMap(([dataClass, list]) =>
    list
      .trim()
      .split(/\s+/)
      .map((word): [string, NamedClass] => [word, { dataClass: dataClass as DataClass, strength }]),
  );
}

const WHOLE: ReadonlyMap<string, NamedClass> = new Map([...index(WEAK, 'weak'), ...index(SURE, 'sure')]);
const ENDS: ReadonlyMap<string, NamedClass> = new Map(index(SURE, 'sure'));
/** What a name ends with when it is about the thing and is not the thing: `email_count`, `is_email`, `address_id`. */
const ABOUT = new Set(
  `count counts enabled verified valid confirmed required allowed type types status state id ids at date time updated created
  format length hash consent consented marketing optin template settings set schema index version position sent opened`.split(/\s+/),
);
const LEADING = new Set(['is', 'has', 'can', 'should', 'was', 'num', 'number']);
/** Things that are no people: their `name` is not a person’s. */
const THINGS =
  /product|item|article|variant|shop|store|brand|company|organi[sz]ation|vendor|supplier|carrier|app|plan|category|collection|tag|campaign|list|metric|file|event|template|discount|tax|shipping_?line|rate|method|channel|workflow|form|field|location|currency|country|province|status/i;

const MAX_NAME = 128;

function wordsOf(name: string): readonly string[] {
  return name
    .slice(0, MAX_NAME)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
}

/** The class a field's name speaks for; null when it speaks for none. `parent` is the name of the object that holds it. */
export function classOfName(name: string, parent: string | null = null): NamedClass | null {
  const words = wordsOf(name);
  if (words.length === 0) return null;
  const whole = WHOLE.get(words.join(''));
  if (whole !== undefined) {
    const isNameOfThing = words.length === 1 && whole.strength === 'weak' && whole.dataClass === 'person_name';
    return isNameOfThing && parent !== null && THINGS.test(parent) ? null : whole;
  }
  if (words.length > 1 && (ABOUT.has(words.at(-1) as string) || LEADING.has(words[0] as string))) return null;
  for (let from = 1; from < words.length; from += 1) {
    const found = ENDS.get(words.slice(from).join(''));
    if (found !== undefined) return found;
  }
  return null;
}

/** Components of a label for a field that is only known by name. INVARIANT: a name nobody knows, and one about nobody, counts as every class. */
export function piiOfName(field: string): readonly PiiClass[] {
  const names = field.split('.').map((part) => part.replaceAll('[]', ''));
  const found = classOfName(names.at(-1) ?? field, names.at(-2) ?? null);
  const pii = found === null ? [] : dataClassSpec(found.dataClass).pii;
  return pii.length === 0 ? PII_CLASSES : pii;
}
