// Zendesk: tickets, comments, users and end users, satisfaction ratings, organisations; Support API, and Sunshine conversations’ messages.

import { below, type Fields, fieldMap } from './map.ts';

const VIA: Fields = {
  email_address: 'via.source.from.address via.source.to.address via.source.from.original_recipients',
  person_name: 'via.source.from.name via.source.to.name',
  phone_number: 'via.source.from.phone via.source.from.formatted_phone via.source.to.phone via.source.to.formatted_phone',
  account_name: 'via.source.from.username via.source.from.profile_url',
  nobody: 'via.channel via.source.rel',
};
const ATTACHMENTS: Fields = { file: 'attachments' };
const COMMENT: Fields = {
  conversation: 'body html_body plain_body',
  customer_number: 'author_id',
  network_address: 'metadata.system.ip_address',
  place: 'metadata.system.location metadata.system.latitude metadata.system.longitude',
  behaviour: 'metadata.system.client',
  nobody: 'id type public audit_id created_at',
};

export const zendesk = fieldMap({
  name: 'zendesk',
  title: 'Zendesk (Support API)',
  pages: [
    'https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/',
    'https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/',
    'https://developer.zendesk.com/api-reference/ticketing/users/users/',
    'https://developer.zendesk.com/api-reference/ticketing/users/user_identities/',
    'https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/',
    'https://developer.zendesk.com/api-reference/conversations/#tag/Messages',
  ],
  records: {
    ticket: {
      routes: 'tickets requests',
      wraps: 'ticket tickets[] request requests[] results[]',
      fields: [
        {
          conversation: 'subject raw_subject description comment',
          email_address: 'recipient',
          customer_number: 'requester_id submitter_id collaborator_ids email_cc_ids organization_id external_id',
          staff: 'assignee_id group_id follower_ids',
          review: 'satisfaction_rating satisfaction_probability',
          marketing_profile: 'tags custom_fields fields',
          nobody: `id url type priority status created_at updated_at due_at problem_id has_incidents is_public forum_topic_id brand_id
            ticket_form_id custom_status_id allow_channelback allow_attachments sharing_agreement_ids followup_ids from_messaging_channel
            generated_timestamp result_type encoded_id`,
        },
        VIA,
      ],
    },
    comment: { routes: 'comments', wraps: 'comment comments[]', fields: [COMMENT, ATTACHMENTS, VIA] },
    user: {
      routes: 'users end_users',
      wraps: 'user users[] end_user end_users[]',
      fields: [
        {
          customer_number: 'id external_id organization_id',
          person_name: 'name alias',
          email_address: 'email remote_photo_email',
          phone_number: 'phone',
          conversation: 'details notes signature',
          personal_link: 'photo remote_photo_url',
          marketing_profile: 'tags user_fields locale locale_id time_zone iana_time_zone',
          behaviour: 'last_login_at last_active',
          nobody: `url role role_type custom_role_id default_group_id active verified shared shared_agent shared_phone_number suspended moderator
            restricted_agent ticket_restriction only_private_comments chat_only report_csv two_factor_auth_enabled created_at updated_at
            permanently_deleted`,
        },
      ],
    },
    identity: {
      routes: 'identities',
      wraps: 'identity identities[]',
      fields: [{ email_address: 'value', customer_number: 'user_id', nobody: 'id url type verified primary created_at updated_at' }],
    },
    satisfaction_rating: {
      routes: 'satisfaction_ratings',
      wraps: 'satisfaction_rating satisfaction_ratings[]',
      fields: [
        {
          review: 'score comment reason reason_id',
          customer_number: 'requester_id',
          staff: 'assignee_id group_id',
          nobody: 'id url ticket_id created_at updated_at',
        },
      ],
    },
    message: {
      routes: 'messages',
      wraps: 'message messages[]',
      fields: [
        {
          conversation: 'content.text content.htmlText content.markdownText content.blockChatInput',
          file: 'content.mediaUrl content.attachmentId content.altText',
          customer_number: 'author.userId author.userExternalId',
          person_name: 'author.displayName',
          personal_link: 'author.avatarUrl',
          nobody: 'id received author.type content.type source.type source.integrationId source.originalMessageId metadata',
        },
        below('author.user.profile', { person_name: 'givenName surname', email_address: 'email', personal_link: 'avatarUrl' }),
      ],
    },
  },
});
