// Invented records of help desks and marketing, in the shapes the vendors document. Nobody in here exists.

import type { Sample } from './sample.ts';

const klaviyoLinks = { self: 'https://a.klaviyo.example/api/x' };

export const DESK_RECORDS: Readonly<Record<string, Sample>> = {
  'zendesk ticket': {
    record: {
      ticket: {
        id: 35436,
        url: 'https://x.zendesk.example/api/v2/tickets/35436.json',
        external_id: 'ahg35h3jh',
        via: {
          channel: 'email',
          source: { from: { address: 'ada@example.com', name: 'Ada Quill' }, to: { address: 'help@example.com' }, rel: null },
        },
        created_at: 'x',
        subject: 'Help!',
        raw_subject: 'Help!',
        description: 'The fire is very colourful.',
        priority: 'high',
        status: 'open',
        recipient: 'help@example.com',
        requester_id: 20978392,
        submitter_id: 76872,
        assignee_id: 235323,
        tags: ['enterprise'],
        custom_fields: [{ id: 27642, value: '745' }],
        satisfaction_rating: { id: 1, score: 'good', comment: 'Great support!' },
      },
    },
    expected: {
      'ticket.description': 'conversation',
      'ticket.via.source.from.address': 'email_address',
      'ticket.requester_id': 'customer_number',
      'ticket.assignee_id': 'staff',
      'ticket.satisfaction_rating.comment': 'review',
    },
  },
  'zendesk comment': {
    record: {
      comments: [
        {
          id: 1,
          type: 'Comment',
          author_id: 123123,
          body: 'Thanks for your help!',
          html_body: '<p>Thanks</p>',
          plain_body: 'Thanks',
          public: true,
          created_at: 'x',
          attachments: [{ id: 498483, file_name: 'crash.log', content_url: 'https://x.example/crash.log' }],
          metadata: { system: { client: 'Mozilla/5.0', ip_address: '192.0.2.1', location: 'Nowhere, NW' } },
        },
      ],
    },
    expected: {
      'comments[].body': 'conversation',
      'comments[].attachments[].file_name': 'file',
      'comments[].metadata.system.ip_address': 'network_address',
    },
  },
  'zendesk user': {
    record: {
      user: {
        id: 35,
        name: 'Ada Quill',
        email: 'ada@example.com',
        phone: '+1 555 555 0102',
        details: 'x',
        notes: 'y',
        role: 'end-user',
        time_zone: 'UTC',
        verified: true,
        created_at: 'x',
      },
    },
    expected: { 'user.name': 'person_name', 'user.details': 'conversation', 'user.role': null },
  },
  'klaviyo profile': {
    record: {
      data: {
        type: 'profile',
        id: '01GDD',
        attributes: {
          email: 'ada@example.com',
          phone_number: '+15555550102',
          external_id: '63f64a2b',
          first_name: 'Ada',
          last_name: 'Quill',
          created: 'x',
          location: { address1: '4 Made Up Lane', city: 'Nowhere', zip: '00000', ip: '192.0.2.3' },
          properties: { pseudonym: 'Dr. Octopus' },
          subscriptions: { email: { marketing: { consent: 'SUBSCRIBED' } } },
          predictive_analytics: { churn_probability: 0.8 },
        },
        links: klaviyoLinks,
      },
    },
    expected: {
      'data.attributes.email': 'email_address',
      'data.attributes.location.ip': 'network_address',
      'data.attributes.properties.pseudonym': 'marketing_profile',
      'data.attributes.predictive_analytics.churn_probability': 'marketing_profile',
    },
  },
  'klaviyo event': {
    record: {
      data: [
        {
          type: 'event',
          id: '4vRpBT',
          attributes: { timestamp: 1, event_properties: { OrderId: '1001', Items: ['Chair'] }, datetime: 'x', uuid: 'u' },
          relationships: { profile: { data: { type: 'profile', id: '01GDD' } } },
          links: klaviyoLinks,
        },
      ],
    },
    expected: { 'data[].attributes.event_properties.OrderId': 'behaviour', 'data[].relationships.profile.data.id': null },
  },
  'hubspot contact': {
    record: {
      results: [
        {
          id: '512',
          properties: {
            createdate: 'x',
            email: 'ada@example.com',
            firstname: 'Ada',
            lastname: 'Quill',
            phone: '+1 555 555 0102',
            address: '4 Made Up Lane',
            zip: '00000',
            lifecyclestage: 'lead',
            hs_analytics_first_url: 'https://shop.example.com/',
            hs_object_id: '512',
            hubspot_owner_id: '9',
          },
          createdAt: 'x',
          updatedAt: 'x',
          archived: false,
          url: 'https://app.hubspot.example/512',
        },
      ],
    },
    expected: {
      'results[].properties.email': 'email_address',
      'results[].properties.address': 'street_address',
      'results[].properties.lifecyclestage': 'marketing_profile',
      'results[].properties.hubspot_owner_id': 'staff',
    },
  },
  'hubspot message': {
    record: {
      id: 'm1',
      conversationsThreadId: '7',
      createdAt: 'x',
      createdBy: 'A-1',
      client: { clientType: 'HUBSPOT' },
      senders: [{ actorId: 'V-1', name: 'Ada Quill', deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'ada@example.com' } }],
      recipients: [],
      text: 'Where is it?',
      richText: '<p>Where is it?</p>',
      attachments: [],
      subject: 'Order',
      channelId: '1',
      channelAccountId: '2',
      direction: 'INCOMING',
      type: 'MESSAGE',
    },
    expected: { text: 'conversation', 'senders[].deliveryIdentifier.value': 'email_address', 'senders[].name': 'person_name' },
  },
};
