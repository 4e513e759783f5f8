// HubSpot: contacts, tickets, orders, deals, engagements (notes, e-mails, calls) of the CRM, and messages of Conversations.

import { below, type Fields, fieldMap, type RecordSource } from './map.ts';

const record = (routes: string, properties: Fields, more: readonly Fields[] = []): RecordSource => ({
  routes,
  wraps: '. results[]',
  fields: [
    { nobody: 'createdAt updatedAt archived archivedAt objectWriteTraceId url associations' },
    below('properties', { nobody: 'createdate lastmodifieddate hs_lastmodifieddate hs_createdate hs_pipeline hs_pipeline_stage' }),
    below('properties', properties),
    ...more,
  ],
});

export const hubspot = fieldMap({
  name: 'hubspot',
  title: 'HubSpot (CRM and Conversations)',
  pages: [
    'https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide',
    'https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide',
    'https://developers.hubspot.com/docs/api-reference/crm-orders-v3/guide',
    'https://developers.hubspot.com/docs/api-reference/crm-deals-v3/guide',
    'https://developers.hubspot.com/docs/api-reference/crm-notes-v3/guide',
    'https://developers.hubspot.com/docs/api-reference/conversations-conversations-inbox-&-messages-v3/guide',
  ],
  records: {
    contact: record(
      'contacts',
      {
        customer_number: 'hs_object_id',
        email_address: 'email hs_additional_emails work_email',
        person_name: 'firstname lastname salutation hs_full_name_or_email',
        phone_number: 'phone mobilephone fax hs_whatsapp_phone_number hs_calculated_phone_number',
        street_address: 'address company',
        place: 'city state zip country hs_country_region_code hs_state_code hs_timezone ip_city ip_country ip_state ip_zipcode',
        birth_date: 'date_of_birth',
        account_name: 'twitterhandle',
        personal_link: 'website hs_linkedin_url photo hs_avatar_filemanager_key',
        marketing_profile: `lifecyclestage hs_lead_status gender marital_status relationship_status degree jobtitle industry hs_language
          hs_persona hs_legal_basis hs_marketable_status hs_email_optout hubspotscore military_status seniority`,
        behaviour: `hs_analytics_source hs_analytics_first_url hs_analytics_last_url hs_analytics_num_page_views hs_analytics_num_visits
          hs_analytics_last_timestamp hs_analytics_first_referrer hs_email_open hs_email_click hs_ip_timezone hs_google_click_id
          hs_facebook_click_id`,
        network_address: 'hs_ipaddress ipaddress',
        purchase_history: 'num_associated_deals recent_deal_amount total_revenue',
        conversation: 'message notes_last_updated',
        staff: 'hubspot_owner_id',
      },
      [{ customer_number: 'id' }],
    ),
    ticket: record(
      'tickets',
      {
        conversation: 'subject content hs_resolution',
        marketing_profile: 'hs_ticket_category hs_tag_ids',
        file: 'hs_file_upload',
        review: 'hs_feedback_last_ces_rating hs_feedback_last_ces_follow_up hs_last_csat_rating',
        staff: 'hubspot_owner_id hubspot_team_id',
      },
      [{ nobody: 'id properties.hs_object_id properties.hs_ticket_priority' }],
    ),
    order: record(
      'orders',
      {
        order_number: 'hs_object_id hs_order_name hs_external_order_id',
        street_address: 'hs_billing_address_street hs_shipping_address_street',
        place: `hs_billing_address_city hs_billing_address_state hs_billing_address_postal_code hs_billing_address_country
          hs_shipping_address_city hs_shipping_address_state hs_shipping_address_postal_code hs_shipping_address_country`,
        person_name: 'hs_billing_address_name hs_shipping_address_name',
        email_address: 'hs_billing_address_email',
        phone_number: 'hs_billing_address_phone hs_shipping_address_phone',
        personal_link: 'hs_order_link hs_shipping_status_url',
        delivery: 'hs_shipping_tracking_number hs_fulfillment_status hs_shipment_ids',
        payment_details: 'hs_payment_status hs_payment_processing_method',
        return_case: 'hs_refund_amount hs_order_note',
        purchase_history: 'hs_total_price hs_subtotal_price hs_tax hs_source_store hs_order_discount hs_currency_code tags',
      },
      [{ order_number: 'id' }],
    ),
    deal: record(
      'deals',
      { purchase_history: 'dealname amount closedate dealstage pipeline dealtype', conversation: 'description', staff: 'hubspot_owner_id' },
      [{ nobody: 'id properties.hs_object_id' }],
    ),
    engagement: record(
      'notes emails calls communications',
      {
        conversation: 'hs_note_body hs_email_text hs_email_html hs_email_subject hs_call_body hs_call_title hs_communication_body',
        email_address: 'hs_email_from_email hs_email_to_email hs_email_cc_email hs_email_headers',
        person_name: 'hs_email_from_firstname hs_email_from_lastname hs_email_to_firstname hs_email_to_lastname',
        phone_number: 'hs_call_from_number hs_call_to_number',
        file: 'hs_attachment_ids hs_call_recording_url',
        staff: 'hubspot_owner_id',
      },
      [{ nobody: 'id properties.hs_object_id properties.hs_timestamp' }],
    ),
    message: {
      routes: 'messages threads',
      wraps: '. results[]',
      fields: [
        {
          conversation: 'text richText subject',
          person_name: 'senders[].name recipients[].name',
          email_address: 'senders[].deliveryIdentifier recipients[].deliveryIdentifier recipients[].deliveryIdentifiers',
          customer_number: 'senders[].actorId recipients[].actorId associatedContactId',
          file: 'attachments',
          staff: 'createdBy assignedTo',
          nobody:
            'id conversationsThreadId createdAt updatedAt client channelId channelAccountId type direction status truncationStatus inboxId archived inReplyToId latestMessageTimestamp spam',
        },
      ],
    },
  },
});
