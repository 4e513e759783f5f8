// Klaviyo: profiles, events, lists and segments, campaigns, reviews. JSON:API: a record says its `type` and holds `attributes`.

import { below, type Fields, fieldMap, type RecordSource } from './map.ts';

const record = (type: string, routes: string, fields: readonly Fields[]): RecordSource => ({
  routes,
  wraps: 'data data[] included[]',
  marker: { field: 'type', value: type },
  fields: [{ nobody: 'type links relationships' }, ...fields],
});

export const klaviyo = fieldMap({
  name: 'klaviyo',
  title: 'Klaviyo',
  pages: [
    'https://developers.klaviyo.com/en/reference/profiles_api_overview',
    'https://developers.klaviyo.com/en/reference/get_profiles',
    'https://developers.klaviyo.com/en/reference/get_events',
    'https://developers.klaviyo.com/en/reference/get_segments',
    'https://developers.klaviyo.com/en/reference/get_reviews',
  ],
  records: {
    profile: record('profile', 'profiles', [
      { customer_number: 'id' },
      below('attributes', {
        email_address: 'email',
        phone_number: 'phone_number',
        customer_number: 'external_id anonymous_id',
        person_name: 'first_name last_name',
        personal_link: 'image',
        marketing_profile: 'organization title properties subscriptions predictive_analytics locale joined_group_at',
        behaviour: 'last_event_date',
        nobody: 'created updated',
      }),
      below('attributes.location', {
        street_address: 'address1 address2',
        place: 'city country latitude longitude region zip timezone',
        network_address: 'ip',
      }),
    ]),
    event: record('event', 'events', [
      { behaviour: 'id' },
      below('attributes', { behaviour: 'event_properties timestamp datetime uuid', nobody: 'metric_id' }),
    ]),
    segment: record('segment', 'segments lists', [
      { nobody: 'id' },
      below('attributes', {
        marketing_profile: 'name definition profile_count opt_in_process',
        nobody: 'created updated is_active is_processing is_starred',
      }),
    ]),
    campaign: record('campaign', 'campaigns', [
      { nobody: 'id' },
      below('attributes', {
        business_figure: 'name audiences send_options tracking_options send_strategy send_time',
        nobody: 'status archived created_at updated_at scheduled_at',
      }),
    ]),
    review: record('review', 'reviews', [
      { nobody: 'id' },
      below('attributes', {
        email_address: 'email',
        person_name: 'author',
        review: 'title content rating images smart_quote public_reply',
        nobody: 'status verified review_type created updated product',
      }),
    ]),
  },
});
